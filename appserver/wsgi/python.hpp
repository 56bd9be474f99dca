// SPDX-License-Identifier: Apache-2.0
// The interpreter of one process (daemon, or a front with embedded mode) and its request threads.
// The one door into wsgi/ for daemon/worker: no Python.h beyond it.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/exchange.hpp"
#include "base/observe/log.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace appserver::wsgi {

struct Preload {
  std::string script;
  std::string application_group;
  std::string callable_object;
};

struct PythonSettings {
  std::string process_group;  ///< "" for embedded
  std::string home;           ///< home=: first on sys.path (cwd is set by the caller)
  std::string python_home;    ///< virtual environment or prefix
  std::string python_path;    ///< colon-separated; site.addsitedir each, moved to the front
  unsigned threads = 15;
  unsigned maximum_processes = 1;
  bool multiprocess = false;  ///< wsgi.multiprocess
  bool multithread = true;    ///< wsgi.multithread
  bool run_once = false;      ///< wsgi.run_once
  bool embedded = false;
  /// Sub-interpreters beside the main one. Each costs some megabytes, and names may come from
  /// requests (%{HOST}).
  unsigned maximum_interpreters = 128;
  std::shared_ptr<base::observe::ErrorLog>
      log;  ///< of the group: import-time output, start-up trouble
  std::vector<Preload>
      preloads;  ///< loaded by `start`, in this order; failures are logged and ignored
};

enum class Outcome : std::uint8_t {
  done,            ///< answered (or failed visibly)
  script_changed,  ///< rejected; this process should drain with reason script_reload
};

/// "3.11.2": of the interpreter this program embeds. Needs none to be running.
std::string python_version();

class RequestThread;

class Python {
 public:
  /// Starts the interpreter on the calling (main) thread and lets go of the GIL. Errors carry
  /// Python's words.
  static base::Result<std::unique_ptr<Python>> start(PythonSettings settings);
  /// Threads must be gone. Publishes process_stopping, ends sub-interpreters, runs atexit.
  ~Python();
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;

  /// True when no thread holds the GIL at this instant; callable from any thread at any time,
  /// lock-free. The crew's question before a second thread is let in (architecture section 4).
  [[nodiscard]] static bool gil_is_free() noexcept;

  /// To be called on the new thread itself; `id` counts from 1 (mod_wsgi.thread_id).
  std::unique_ptr<RequestThread> attach_thread(int id);

  struct Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  Python();
  std::unique_ptr<Impl> impl_;
};

/// One request thread's Python side. Between `acquire` and `release` it holds the GIL; `run` needs
/// it and returns with it, possibly in another interpreter's thread state.
class RequestThread {
 public:
  virtual ~RequestThread() = default;
  virtual void acquire() = 0;
  virtual void release() = 0;
  /// Runs one request to its end. Everything the application can do wrong ends in a logged line and
  /// an answer or a visible truncation; nothing is thrown.
  virtual Outcome run(const daemon::RequestMessage& request, Exchange& exchange) = 0;
};

}  // namespace appserver::wsgi
