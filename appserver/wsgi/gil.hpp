// SPDX-License-Identifier: Apache-2.0
// The lock of the interpreter as a parameter: whatever touches a PyObject takes `const Gil&` first.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <mutex>

namespace appserver::wsgi {

/// Proof that this thread holds the GIL; lives on the stack, never stored.
class Gil {
 public:
  struct AlreadyHeld {};
  /// Takes the lock with this thread state and lets go of it at the end of the scope.
  explicit Gil(PyThreadState* state) noexcept : taken_(true) { PyEval_RestoreThread(state); }
  /// In a callback from Python, and where acquire/release bracket several calls.
  explicit Gil(AlreadyHeld) noexcept {}
  ~Gil() {
    if (taken_) (void)PyEval_SaveThread();  // the state is found again by its owner
  }
  Gil(const Gil&) = delete;
  Gil& operator=(const Gil&) = delete;

 private:
  bool taken_ = false;
};

/// Lets other threads run Python while this one blocks.
class GilRelease {
 public:
  explicit GilRelease(const Gil&) noexcept : state_(PyEval_SaveThread()) {}
  ~GilRelease() { PyEval_RestoreThread(state_); }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* state_;
};

/// Locks a mutex that others hold while they run Python: never waits for it with the GIL.
class LockBesideGil {
 public:
  LockBesideGil(const Gil& gil, std::mutex& mutex) : mutex_(mutex) {
    if (mutex_.try_lock()) return;
    const GilRelease unlocked(gil);
    mutex_.lock();
  }
  ~LockBesideGil() { mutex_.unlock(); }
  LockBesideGil(const LockBesideGil&) = delete;
  LockBesideGil& operator=(const LockBesideGil&) = delete;

 private:
  std::mutex& mutex_;
};

}  // namespace appserver::wsgi
