"""Who can open restricted files, looked at all the time: what is too much is taken away and told.

`rounds` goes through the libraries on a budget, `rules` say what is too much, `mending` takes it
away, writes down the way back and tells owners and IG officers, naming no file.
"""
