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


def main(shot, folder, path, program, *words):
    process = subprocess.Popen([program, *words, folder])
    try:
        window = window_of(program)
        time.sleep(4)  # it loads
        xdotool("windowmove", window, 20, 20, "windowsize", window, 860, 600)
        xdotool("windowactivate", window)
        time.sleep(1)
        xdotool("mousemove", 700, 520, "click", 1)
        xdotool("key", "ctrl+a")
        time.sleep(1)
        if program == "dolphin":  # which opens its menu under the mouse
            xdotool("mousemove", 340, 208, "click", 3)
        else:
            xdotool("key", "shift+F10")
        time.sleep(1.5)
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
