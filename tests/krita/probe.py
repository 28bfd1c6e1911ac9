"""A Krita script for the tests: runs the Python that is laid into a folder, and leaves the answers.

``ask-1.py`` is run in Krita's own thread; its variable ``answer`` is written to ``answer-1.json``.
"""

import json
import os
import time
import traceback
from pathlib import Path

from krita import Extension, Krita

from mattekit_krita.plugin.qt import QtCore, QtWidgets

FOLDER = os.environ.get("KRITA_PROBE", "")


class Probe(Extension):
    def __init__(self, parent):
        super().__init__(parent)
        self.number = 1
        self.ticks = 0
        self.timer = QtCore.QTimer()
        self.timer.timeout.connect(self.poll)

    def setup(self):
        pass

    def createActions(self, window):
        if FOLDER:
            self.timer.start(50)

    def poll(self):
        self.ticks += 1  # how alive the window is
        path = Path(FOLDER, f"ask-{self.number}.py")
        if not path.exists():
            return
        names = {"Krita": Krita, "QtCore": QtCore, "QtWidgets": QtWidgets, "time": time}
        names.update(probe=self, answer=None)
        try:
            exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
            answer = {"answer": names["answer"]}
        except Exception:  # noqa: BLE001 - the test looks at it
            answer = {"error": traceback.format_exc()}
        target = Path(FOLDER, f"answer-{self.number}.json")
        self.number += 1
        part = target.with_suffix(".part")
        part.write_text(json.dumps(answer), "utf-8")
        part.replace(target)


Krita.instance().addExtension(Probe(Krita.instance()))
