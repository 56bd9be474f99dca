// SPDX-License-Identifier: Apache-2.0
// Runs a program for a test: output captured as it comes, and nothing of it left alive afterwards.
#pragma once

#include "base/fd.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <utility>
#include <vector>

namespace tests::support {

/// Generous: reached only by what is broken, also under sanitizers on a busy machine.
inline constexpr std::chrono::seconds kPatience{20};

struct ProcessOptions {
  std::vector<std::pair<std::string, std::string>> env;  ///< added to the environment of the test
  std::string cwd;                                       ///< empty: that of the test
  std::string input;                                     ///< standard input; afterwards end of file
};

struct ExitStatus {
  int code = -1;   ///< exit status; -1 when a signal ended it
  int signal = 0;  ///< 0 when it exited
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// One running program and all that it starts (it leads a session of its own). The destructor kills
/// what is left.
class Process {
 public:
  /// Starts `arguments[0]` (found on PATH). Throws when it cannot be executed.
  explicit Process(std::vector<std::string> arguments, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string out() const;     ///< standard output so far
  [[nodiscard]] std::string errors() const;  ///< standard error so far

  /// True as soon as `text` stands in either output; false when the deadline passes or both ended
  /// without it.
  bool wait_for(std::string_view text, std::chrono::milliseconds patience = kPatience);
  /// The first line of standard error, then of standard output, that holds `text`, at or after line
  /// `skip` of those that do; empty when it does not come.
  std::string wait_for_line(std::string_view text, std::size_t skip = 0,
                            std::chrono::milliseconds patience = kPatience);

  void signal(int number) const;
  /// How it ended; nothing when it still runs at the deadline. Output is complete afterwards,
  /// unless children that outlived it hold the pipes.
  std::optional<ExitStatus> wait(std::chrono::milliseconds patience = kPatience);
  /// SIGTERM, then `wait`.
  std::optional<ExitStatus> terminate(std::chrono::milliseconds patience = kPatience);
  /// SIGKILL to it and to every process of its session or below it.
  void kill_tree();
  [[nodiscard]] bool running();

  /// Processes below it, without itself.
  [[nodiscard]] std::vector<pid_t> children() const;
  /// Resident memory of it and of all below it.
  [[nodiscard]] std::size_t tree_rss_bytes() const;

 private:
  void read_outputs(base::Fd out, base::Fd errors);
  bool reap(bool block);

  pid_t pid_ = -1;
  std::optional<ExitStatus> status_;
  mutable std::mutex mutex_;  // guards what the reader thread writes: the next four
  std::condition_variable changed_;
  std::string out_;
  std::string errors_;
  bool ended_ = false;
  std::thread reader_;
  base::Fd stop_reader_;  // eventfd: wakes the reader when children keep the pipes open
};

/// Runs a program to its end: exit status and both outputs. Throws when it takes longer than
/// `patience`.
struct Finished {
  ExitStatus status;
  std::string out;
  std::string errors;
};
Finished run(std::vector<std::string> arguments, const ProcessOptions& options = {},
             std::chrono::milliseconds patience = std::chrono::seconds(60));

}  // namespace tests::support
