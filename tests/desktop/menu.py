"""Open a file manager on a folder and choose an entry of its context menu, as a user does.

Run by Debian's own Python, which has pyatspi, in a D-Bus session of its own:
``menu.py SHOT FOLDER ENTRY/ENTRY PROGRAM WORD...``. It selects all, opens the menu, follows the
entries by their names, which the program's accessibility tells, takes a picture of the screen and
chooses the last. The program is ended when standard input ends. An entry that begins with "@" is a
key, for what tells no names: ``@Down``.
"""

import subprocess
import sys
import time

import pyatspi

_MENUS = (
    *(pyatspi.ROLE_MENU, pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_CHECK_MENU_ITEM),
    *(pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_LABEL),
)
#: Where the first picture lies in those that open their menu under the mouse.
_UNDER_THE_MOUSE = {"dolphin": (340, 208), "nautilus": (350, 150)}
#: What is empty in every one until the folder is shown.
_INSIDE = "400x110+300+140"


def xdotool(*words):
    return subprocess.run(
        ["xdotool", *map(str, words)], stdout=subprocess.PIPE, text=True, check=False
    ).stdout


def window_of(program):
    for _ in range(150):
        found = xdotool("search", "--onlyvisible", "--class", program).split()
        if found:
            return found[-1]
        time.sleep(0.2)
    raise SystemExit(f"{program} shows no window")


def every(node, depth=0):
    if node is None or depth > 25:
        return
    yield node
    try:
        children = list(node)
    except (RuntimeError, LookupError, ValueError):  # what was closed meanwhile
        return
    for child in children:
        yield from every(child, depth + 1)


def entry_of(name):
    """Return the entry with a name that is shown, and all that are, by their names."""
    names = []
    for application in pyatspi.Registry.getDesktop(0):
        for node in every(application):
            try:
                if node.getRole() not in _MENUS or not node.name:
                    continue
                shown = node.getState().contains(pyatspi.STATE_SHOWING)
            except (RuntimeError, LookupError, ValueError):  # what was closed meanwhile
                continue
            if shown:
                names.append(node.name)
            if shown and node.name.replace("_", "").replace("&", "") == name:
                return node, names
    return None, names


def wait_for(name):
    names = []
    for _ in range(40):
        node, names = entry_of(name)
        if node is not None:
            return node
        time.sleep(0.25)
    raise SystemExit(f"no {name!r} among {sorted(set(names))}")


def wait_for_pictures():
    """Wait until there is something where the folder is shown, and the same twice."""
    before = b""
    for second in range(1, 120):
        time.sleep(1)
        if second % 20 == 0:  # Nautilus loads for ever at times
            xdotool("key", "F5")
        command = ["import", "-window", "root", "-crop", _INSIDE, "-depth", "8", "rgb:-"]
        shown = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        colors = {shown[at : at + 3] for at in range(0, len(shown), 3)}
        if len(colors) > 8 and shown == before:
            return
        before = shown
    raise SystemExit("the folder's pictures are not shown")


def open_menu(program, first):
    """Select all and open the context menu; again where the keys went to something else."""
    for more in (True, True, False):
        xdotool("mousemove", 700, 520, "click", 1)
        xdotool("key", "ctrl+a")
        time.sleep(1)
        if program in _UNDER_THE_MOUSE:
            xdotool("mousemove", *_UNDER_THE_MOUSE[program], "click", 3)
        else:
            xdotool("key", "shift+F10")
        time.sleep(1.5)
        if first[0] == "@":
            return
        try:
            wait_for(first)
        except SystemExit:
            if not more:
                raise
            xdotool("key", "Escape")
        else:
            return


def main(shot, folder, path, program, *words):
    process = subprocess.Popen([program, *words, folder])
    try:
        window = window_of(program)
        xdotool("windowmove", window, 20, 20, "windowsize", window, 860, 600)
        xdotool("windowactivate", window)
        wait_for_pictures()
        open_menu(program, path.partition("/")[0])
        *menus, entry = path.split("/")
        for name in menus:
            if name[0] == "@":
                xdotool("key", name[1:])
                time.sleep(0.7)
                continue
            node = wait_for(name)
            extents = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
            xdotool("mousemove", extents.x + 30, extents.y + extents.height // 2)
            time.sleep(0.7)
            node.queryAction().doAction(0)
        if entry[0] != "@":
            extents = wait_for(entry).queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
            xdotool("mousemove", extents.x + 30, extents.y + extents.height // 2)
        time.sleep(1)
        subprocess.run(["import", "-window", "root", shot], check=True)
        xdotool(*(("key", entry[1:]) if entry[0] == "@" else ("click", 1)))
        print("chosen", flush=True)
        sys.stdin.readline()
    except BaseException:
        subprocess.run(["import", "-window", "root", shot], check=False)
        raise
    finally:
        process.terminate()


if __name__ == "__main__":
    main(*sys.argv[1:])
