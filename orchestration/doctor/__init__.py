"""Is this installation in order? The checks of `outcomes doctor`, which change nothing.

`findings` says what a check gives, `installation` looks at what is installed and set, `places` at
folders, disk and file system, `releases` at what was computed and put up, `examination` runs them.
What is wrong with a return is for `expectations`, not for here.
"""
