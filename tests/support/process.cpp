// SPDX-License-Identifier: Apache-2.0
// Starts, watches and ends programs.
#include "tests/support/process.hpp"

#include "tests/support/proc.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace tests::support {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  base::Fd read;
  base::Fd write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  return {base::Fd(ends[0]), base::Fd(ends[1])};
}

/// A file in memory with `text`, positioned at its start: standard input that nobody has to feed.
base::Fd input_file(const std::string& text) {
  base::Fd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) throw std::system_error(errno, std::generic_category(), "memfd_create");
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::system_error(errno, std::generic_category(), "memfd write");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<std::string> merged_environment(const ProcessOptions& options) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : options.env) replaced = replaced || key == name;
    if (!replaced) out.emplace_back(text);
  }
  for (const auto& [key, value] : options.env) out.emplace_back(key).append("=").append(value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

struct ChildPlan {
  char* const* arguments;
  char* const* environment;
  const char* cwd;
  int input, out, errors;
  int failure;  // where the errno of a failed exec goes; closed by a successful one
  bool die_with_parent;
};

// Between fork and exec of a process with threads: async-signal-safe calls only.
[[noreturn]] void become(const ChildPlan& plan) {
  (void)::setsid();
  if (plan.die_with_parent) (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  (void)::signal(SIGPIPE, SIG_DFL);
  if ((*plan.cwd == '\0' || ::chdir(plan.cwd) == 0) && ::dup2(plan.input, 0) == 0 &&
      ::dup2(plan.out, 1) == 1 && ::dup2(plan.errors, 2) == 2)
    (void)::execvpe(plan.arguments[0], plan.arguments, plan.environment);
  const int error = errno;
  (void)!::write(plan.failure, &error, sizeof error);
  ::_exit(127);
}

/// Appends what is there; false at the end of the stream.
bool drain(int fd, std::string& into, std::mutex& mutex) {
  char buffer[65536];
  const ssize_t count = ::read(fd, buffer, sizeof buffer);
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  const std::lock_guard lock(mutex);
  into.append(buffer, static_cast<std::size_t>(count));
  return true;
}

/// The line around the `skip`th (from 0) line of `text` that holds `what`, if it is complete.
std::string find_line(std::string_view text, std::string_view what, std::size_t& skip) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view line = text.substr(0, end);
    if (line.find(what) != std::string_view::npos && skip-- == 0) return std::string(line);
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Process::Process(std::vector<std::string> arguments, const ProcessOptions& options) {
  Pipe out = make_pipe();
  Pipe errors = make_pipe();
  Pipe failure = make_pipe();
  const base::Fd input = input_file(options.input);
  std::vector<std::string> environment = merged_environment(options);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  // PDEATHSIG follows the thread that forked, so it is asked for only where that thread lives as
  // long as the test.
  const bool main_thread = ::getpid() == static_cast<pid_t>(::syscall(SYS_gettid));
  const ChildPlan plan{
      argument_pointers.data(), environment_pointers.data(), options.cwd.c_str(), input.get(),
      out.write.get(),          errors.write.get(),          failure.write.get(), main_thread};
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) become(plan);

  out.write.reset();
  errors.write.reset();
  failure.write.reset();
  int error = 0;
  if (::read(failure.read.get(), &error, sizeof error) == sizeof error) {
    (void)reap(true);
    throw std::system_error(error, std::generic_category(), "cannot run " + arguments[0]);
  }
  stop_reader_ = base::Fd(::eventfd(0, EFD_CLOEXEC));
  reader_ = std::thread([this, o = std::move(out.read), e = std::move(errors.read)]() mutable {
    read_outputs(std::move(o), std::move(e));
  });
}

Process::~Process() {
  kill_tree();
  const std::uint64_t one = 1;
  (void)!::write(stop_reader_.get(), &one, sizeof one);
  if (reader_.joinable()) reader_.join();
}

void Process::read_outputs(base::Fd out, base::Fd errors) {
  while (out || errors) {
    pollfd ready[3] = {
        {out.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}, {stop_reader_.get(), POLLIN, 0}};
    if (::poll(ready, 3, -1) < 0 && errno != EINTR) break;
    if (ready[0].revents != 0 && !drain(out.get(), out_, mutex_)) out.reset();
    if (ready[1].revents != 0 && !drain(errors.get(), errors_, mutex_)) errors.reset();
    changed_.notify_all();
    if (ready[0].revents == 0 && ready[1].revents == 0 && ready[2].revents != 0) break;
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

std::string Process::out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

std::string Process::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

bool Process::wait_for(std::string_view text, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto found = [&] {
    return out_.find(text) != std::string::npos || errors_.find(text) != std::string::npos;
  };
  changed_.wait_for(lock, patience, [&] { return ended_ || found(); });
  return found();
}

std::string Process::wait_for_line(std::string_view text, std::size_t skip,
                                   std::chrono::milliseconds patience) {
  std::string line;
  std::unique_lock lock(mutex_);
  const auto found = [&] {
    std::size_t left = skip;
    line = find_line(errors_, text, left);
    if (line.empty()) line = find_line(out_, text, left);
    return !line.empty();
  };
  changed_.wait_for(lock, patience, [&] { return found() || ended_; });
  (void)found();
  return line;
}

void Process::signal(int number) const {
  if (!status_) (void)::kill(pid_, number);
}

bool Process::reap(bool block) {
  if (status_) return true;
  int raw = 0;
  pid_t got = 0;
  do got = ::waitpid(pid_, &raw, block ? 0 : WNOHANG);
  while (got < 0 && errno == EINTR);
  if (got != pid_) return false;
  status_ = WIFEXITED(raw) ? ExitStatus{WEXITSTATUS(raw), 0} : ExitStatus{-1, WTERMSIG(raw)};
  return true;
}

bool Process::running() {
  return !reap(false);
}

std::optional<ExitStatus> Process::wait(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  // A pidfd turns readable when the process ends: no polling interval to tune.
  const base::Fd watched(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  while (!reap(false)) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd ready{watched.get(), POLLIN, 0};
    (void)::poll(&ready, 1, static_cast<int>(left.count()));
  }
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(2), [&] { return ended_; });
  return status_;
}

std::optional<ExitStatus> Process::terminate(std::chrono::milliseconds patience) {
  signal(SIGTERM);
  return wait(patience);
}

void Process::kill_tree() {
  std::vector<pid_t> doomed = children();
  const std::vector<pid_t> session = session_members(pid_);
  doomed.insert(doomed.end(), session.begin(), session.end());
  if (!status_) (void)::kill(pid_, SIGKILL);
  for (const pid_t pid : doomed)
    if (pid != pid_) (void)::kill(pid, SIGKILL);
  (void)reap(true);
}

std::vector<pid_t> Process::children() const {
  return status_ ? std::vector<pid_t>{} : descendants(pid_);
}

std::size_t Process::tree_rss_bytes() const {
  std::size_t sum = rss_bytes(pid_);
  for (const pid_t pid : children()) sum += rss_bytes(pid);
  return sum;
}

Finished run(std::vector<std::string> arguments, const ProcessOptions& options,
             std::chrono::milliseconds patience) {
  const std::string name = arguments.empty() ? "" : arguments[0];
  Process process(std::move(arguments), options);
  const auto status = process.wait(patience);
  if (!status)
    throw std::runtime_error(name + " did not end in time:\n" + process.out() + process.errors());
  return {*status, process.out(), process.errors()};
}

}  // namespace tests::support
