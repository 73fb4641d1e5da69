"""Publishing: from the published tables to a site that a person can read.

The one way in is `orchestration.publish.site.build_site`. What readers see lies in `site/`.
"""
