// SPDX-License-Identifier: Apache-2.0
// Scripts as modules: loaded on first use, looked after when they change.
// Sources: wsgi-hosting 6.1, 6.2.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/interpreter.hpp"
#include "appserver/wsgi/py_ref.hpp"

#include <cstdint>
#include <mutex>
#include <string>

namespace appserver::wsgi {

/// One script file in one interpreter.
struct Script {
  std::string path;
  PyRef name;                     ///< `_mod_wsgi_` + MD5 of the path, interned
  PyRef module;                   ///< null: not loaded
  PyRef dict;                     ///< the module's
  PyRef mtime;                    ///< the object stored as __mtime__
  std::int64_t mtime_us = 0;      ///< of the file that was loaded
  std::int64_t next_look_us = 0;  ///< when the file is looked at again
  bool stale = false;             ///< found changed; stays so in a process that does not reload
};

/// What to do when the file is newer than the module.
enum class OnChange : std::uint8_t {
  ignore,  ///< WSGIScriptReloading Off
  reload,  ///< embedded: in place
  tell,    ///< daemon: this process is to be replaced
};

enum class Loaded : std::uint8_t {
  ready,
  changed,  ///< OnChange::tell only
  failed,   ///< logged; the next request tries again
};

/// The record of a script in this interpreter; null with an exception set when it cannot be made.
Script* find_script(const Gil& gil, Interpreter& interpreter, std::string_view path);

/// Makes sure that the script is loaded and fresh. `lock` is the process's: one load at a time;
/// held by nobody while they wait for the GIL only. `now_us`: wall clock.
Loaded ensure_loaded(const Gil& gil, Interpreter& interpreter, Script& script, OnChange on_change,
                     std::mutex& lock, std::int64_t now_us, RequestLog& log);

}  // namespace appserver::wsgi
