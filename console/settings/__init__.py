"""Every setting: `schema` says what there is, `reading` where it comes from, `file` how the file is changed.

Nothing is imported here: `paths` is wanted long before pydantic may be.
"""
