"""Registration, progress, the procedural database."""

from typing import Any, List, Tuple

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.rules.base import rule

# -- nothing to do any more ------------------------------------------------------------------------


@rule(
    "gimp-image-free-shadow",
    "gimp-floating-sel-relax",
    "gimp-floating-sel-rigor",
    "gimp-plugin-enable-precision",
    "gimp-plugin-set-pdb-error-handler",
    "gimp-context-set-transform-recursion",
    "gimp-plugin-help-register",
    "gimp-plugin-icon-register",
    "gimp-plugin-menu-branch-register",
    "gimp-register-file-handler-mime",
    "gimp-register-file-handler-priority",
    "gimp-register-file-handler-raw",
    "gimp-register-file-handler-uri",
    "gimp-register-thumbnail-loader",
)
def _nothing(call: Any, *_: Any) -> None:
    return


@rule("gimp-context-get-transform-recursion")
def _recursion(call: Any) -> int:
    return 3


@rule("gimp-plugin-precision-enabled")
def _precision_enabled(call: Any) -> int:
    return 1


@rule("gimp-plugin-get-pdb-error-handler")
def _error_handler(call: Any) -> int:
    return 1


# -- the plug-in and its procedures ----------------------------------------------------------------


@rule("gimp-plugin-menu-register")
def _menu(call: Any, procedure: str, path: str) -> None:
    call.host.add_menu(procedure, path)


@rule("gimp-plugin-domain-register")
def _domain(call: Any, name: str, path: str) -> None:
    call.host.add_domain(name, path)


@rule("gimp-register-load-handler")
def _load_handler(call: Any, procedure: str, extensions: str, prefixes: str) -> None:
    call.host.add_load_handler(procedure, extensions, prefixes, "")


@rule("gimp-register-magic-load-handler")
def _magic(call: Any, procedure: str, extensions: str, prefixes: str, magics: str) -> None:
    call.host.add_load_handler(procedure, extensions, prefixes, magics)


@rule("gimp-register-save-handler")
def _save_handler(call: Any, procedure: str, extensions: str, prefixes: str) -> None:
    call.host.add_save_handler(procedure, extensions, prefixes)


@rule("gimp-progress-init")
def _progress_init(call: Any, text: str, display: int) -> None:
    call.host.progress_init(text)


@rule("gimp-progress-update")
def _progress_update(call: Any, fraction: float) -> None:
    call.host.progress_update(fraction)


@rule("gimp-procedural-db-get-data")
def _get_data(call: Any, key: str) -> bytes:
    found = call.host.get_data(key)
    if found is None:
        raise values.NoSuchValue("no data for %r" % key)
    return bytes(found)


@rule("gimp-procedural-db-get-data-size")
def _get_data_size(call: Any, key: str) -> int:
    return len(_get_data(call, key))


@rule("gimp-procedural-db-set-data")
def _set_data(call: Any, key: str, count: int, data: bytes) -> None:
    call.host.set_data(key, data)


@rule("gimp-procedural-db-temp-name", "gimp-temp-PDB-name")
def _temporary_name(call: Any) -> str:
    return str(Gimp.get_pdb().temp_procedure_name())


@rule("gimp-procedural-db-proc-exists")
def _exists(call: Any, name: str) -> int:
    from _gimpfu.backend import NoSuchProcedure

    try:
        call.describe(name)
    except NoSuchProcedure:
        return 0
    return 1


@rule("gimp-procedural-db-query")
def _query(call: Any, *patterns: str) -> List[str]:
    return list(call.host.query(patterns))


@rule("gimp-procedural-db-proc-info")
def _info(call: Any, name: str) -> Tuple[Any, ...]:
    found = call.describe(name)
    words = (found.blurb, found.help, found.author, found.copyright, found.date)
    return (*words, int(found.kind), len(found.arguments), len(found.results))


@rule("gimp-procedural-db-proc-arg")
def _argument(call: Any, name: str, number: int) -> Tuple[int, str, str]:
    found = call.describe(name).arguments[number]
    return int(found.type), found.name, found.description


@rule("gimp-procedural-db-proc-val")
def _value(call: Any, name: str, number: int) -> Tuple[int, str, str]:
    found = call.describe(name).results[number]
    return int(found.type), found.name, found.description


@rule("gimp-procedural-db-dump")
def _dump(call: Any, name: str) -> None:
    Gimp.get_pdb().dump_to_file(values.file(name))
