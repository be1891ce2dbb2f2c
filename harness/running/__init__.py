"""Cells at work, in other processes.

``start``
    From a plan to its records: what the command line and the Python API both call.
``options``
    How to run, and who hears how far it is.
``workers``
    Processes: one that hangs is stopped, one that dies costs its own work alone.
``server``
    The process that workers are forked from: it imports what they need, from early on.
``opening``
    The machines of an engine: joined when they are needed, or ahead, while clips are listed.
``memory``
    What a worker's C library does with memory that is given back.
``preparation``
    Clips read, splits made, pictures rehearsed, the run's folder opened.
``reading``
    Every clip read once, and drawn while it is there.
``drawing``, ``blocks``, ``parts``
    What the gallery lacks is drawn; a block of clips at a time; what must be drawn for a plan.
``features``
    What classifiers see in pictures, kept where they ask for it.
``sharing``, ``computed``
    What several classifiers look at is read once for all of them, before their cells.
``room``
    Disk for what is drawn and computed: said beforehand, held within the limit.
``cells``
    All cells of a plan: what is done is skipped, what fails fails alone.
``cell``
    One cell from features to record.
``exporting``
    The pictures of a split as files, for other tools.
``leaks``
    The same picture on both sides of a split.
"""
