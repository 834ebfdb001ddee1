"""Other people's data sets, in their publishers' layouts, for people the course has never seen.

`trials.load` reads them, `windows.load` cuts windows, `protocol` leaves one set out after another.
The data are not part of the course: `data/README.md` says where they are and under which terms.
"""
