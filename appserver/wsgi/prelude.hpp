// SPDX-License-Identifier: Apache-2.0
// The few things that every new interpreter is told in Python itself, because Python says them
// best.
#pragma once

namespace appserver::wsgi {

/// Run once in each interpreter with `warn` (a callable that logs a text) in its globals. Leaves
/// functions there: set_up(home, directories), format_exception(exception) and module_name(path).
inline constexpr const char* kPrelude = R"py(
import os
import signal
import site
import sys
import threading
import traceback


def _signal(signalnum, handler):
    # Handlers belong to the server (wsgi-hosting 6.3).
    stack = ''.join(traceback.format_stack()[:-1])
    warn('wsgi.signal_ignored signum=%d\n%s' % (int(signalnum), stack))


def set_up(home, directories, main):
    if not main:
        # The thread that happens to make a sub-interpreter is as foreign to it as all others.
        threading._active.pop(threading.get_ident(), None)
    signal.signal = _signal
    old = list(sys.path)
    for directory in directories:
        site.addsitedir(directory)
    new = [entry for entry in sys.path if entry not in old]
    rest = [entry for entry in old if entry != home]
    sys.path[:] = ([home] if home else []) + [entry for entry in new if entry != home] + rest


def format_exception(exception):
    return ''.join(traceback.format_exception(exception)).splitlines()


def module_name(path):
    import hashlib
    return '_mod_wsgi_' + hashlib.md5(os.fsencode(path), usedforsecurity=False).hexdigest()


def run_exit_functions():
    # Joins threads and runs atexit, while the interpreter is still whole. The thread that made a sub-interpreter
    # is gone by now; the one that ends it stands in for it, else threading waits for it for ever.
    import atexit
    threading._main_thread._ident = threading.get_ident()
    threading._shutdown()
    threading._main_thread._ident = None  # 3.12 calls _shutdown again and is surprised to find this one stopped
    atexit._run_exitfuncs()
)py";

}  // namespace appserver::wsgi
