"""A file is read in a process that is killed when its seconds are over."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.model import ReadState
from sync.reading import Limits, close_readers, read_within
from sync.reading.pool import Pool, Reader, Request
from sync.reading.read import read
from tests.reading.kit import docx, with_parts

DATA = docx("Some words.")


@pytest.fixture(autouse=True)
def _no_process_stays():
    yield
    close_readers()


@pytest.mark.parametrize(
    ("data", "name"), [(DATA, "a.docx"), (b"words", "a.txt"), (b"torn", "a.pdf"), (b"", "a.docx")]
)
def test_the_process_reads_what_reading_here_would(data, name):
    assert read_within(data, name) == read(data, name, Limits()) or not data


def test_an_empty_file_needs_no_process():
    assert read_within(b"", "a.docx").state is ReadState.EMPTY


def test_a_file_over_the_size_limit_is_not_sent_at_all():
    assert read_within(DATA, "a.docx", Limits(size=10)).state is ReadState.TOO_LARGE


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read():
    pool = Pool(1)
    slow = pool.read(DATA, "a.docx", Limits(seconds=0))
    next_one = pool.read(DATA, "a.docx", Limits())
    pool.close()
    assert slow.state is ReadState.TOO_LARGE
    assert "longer than 0 seconds" in slow.why
    assert next_one.state is ReadState.READ


def test_a_file_that_needs_too_much_memory_is_given_up_and_the_next_one_is_read():
    pool = Pool(1)
    pool.read(DATA, "a.docx", Limits())
    large = with_parts(DATA, **{"word/media/image1.png": os.urandom(2**24)})
    starved = pool.read(large, "a.docx", Limits(memory=2**20))
    after = pool.read(DATA, "a.docx", Limits())
    pool.close()
    assert starved.state in {ReadState.UNREADABLE, ReadState.TOO_LARGE}
    assert after.state is ReadState.READ


def test_a_process_that_died_while_idle_is_replaced():
    pool = Pool(1)
    pool.read(DATA, "a.docx", Limits())
    (pid,) = pool.idle
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert pool.read(DATA, "a.docx", Limits()).state is ReadState.READ
    assert pool.idle != (pid,)
    pool.close()


def test_a_process_that_was_killed_gives_no_reading():
    reader = Reader.start()
    os.kill(reader.pid, signal.SIGKILL)
    assert reader.ask(DATA, Request("a.docx", Limits())) is None
    reader.close()
    assert not reader.alive


def test_processes_are_used_again():
    pool = Pool(1)
    pool.read(DATA, "a.docx", Limits())
    first = pool.idle
    pool.read(DATA, "a.docx", Limits())
    assert pool.idle == first
    pool.close()


def test_many_threads_share_a_few_processes():
    pool = Pool(2)
    gate = threading.Barrier(8)

    def one(_):
        gate.wait()
        return pool.read(DATA, "a.docx", Limits()).state

    with ThreadPoolExecutor(8) as threads:
        states = list(threads.map(one, range(8)))
    assert states == [ReadState.READ] * 8
    assert len(pool.idle) <= 2
    pool.close()
