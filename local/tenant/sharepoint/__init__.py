"""SharePoint REST (`/_api`) as the office365 client and Microsoft's documents speak it."""

from local.tenant.sharepoint.service import answer, render_refusal

__all__ = ["answer", "render_refusal"]
