// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/request_thread.hpp"

#include "appserver/wsgi/input.hpp"
#include "appserver/wsgi/loader.hpp"
#include "appserver/wsgi/log_stream.hpp"
#include "appserver/wsgi/response_iterator.hpp"
#include "appserver/wsgi/start_response.hpp"
#include "base/scope_exit.hpp"

#include <utility>

namespace appserver::wsgi {
namespace {

using base::observe::LogLevel;

// Site blocks are as many as the configuration has; a bound all the same, because the numbers come
// over the wire.
constexpr std::size_t kMaxEntries = 4096;

void reset_if_kept(PyRef& object) {
  if (object && Py_REFCNT(object.get()) > 1) object.reset();
}

OnChange on_change(const PythonSettings& settings, const daemon::RequestMessage& request) {
  if ((request.fixed.flags & daemon::kScriptReloading) == 0) return OnChange::ignore;
  return settings.embedded ? OnChange::reload : OnChange::tell;
}

}  // namespace

Thread::Thread(Python::Impl& python, int id)
    : python_(python), id_(id), log_(*python.settings.log) {
  // The main interpreter's state is made by one lasting Ensure, before any other of this thread:
  // extensions that use the simplified API find it, and never a sub-interpreter's
  // (wsgi-hosting 3.3).
  (void)PyGILState_Ensure();
  seat_ = &seats_[""];
  seat_->interpreter = python.main.get();
  seat_->state = PyEval_SaveThread();
}

Thread::~Thread() {
  for (auto& [group, seat] : seats_) {
    if (seat.interpreter->is_main()) continue;
    PyEval_RestoreThread(seat.state);
    seat = Seat{nullptr, seat.state, {}, {}, {}, {}, {}};
    PyThreadState_Clear(seat.state);
    PyThreadState_DeleteCurrent();  // lets go of the GIL
  }
  Seat& main = seats_.find("")->second;
  PyEval_RestoreThread(main.state);
  main = Seat{};
  PyGILState_Release(PyGILState_UNLOCKED);  // the counterpart of Ensure: ends the state
}

void Thread::acquire() {
  PyEval_RestoreThread(seat_->state);
}

void Thread::release() {
  seat_->state = PyEval_SaveThread();
}

Thread::Seat* Thread::take_seat(const Gil& gil, std::string_view group) {
  if (seat_->interpreter->group() == group) return seat_;
  auto found = seats_.find(group);
  if (found == seats_.end()) {
    Interpreter* const interpreter = python_.find_interpreter(gil, group, log_);
    if (interpreter == nullptr) return nullptr;
    PyThreadState* const state =
        PyThreadState_New(PyThreadState_GetInterpreter(interpreter->state()));
    if (state == nullptr) return nullptr;
    found = seats_.emplace(group, Seat{interpreter, state, {}, {}, {}, {}, {}}).first;
  }
  seat_ = &found->second;
  (void)PyThreadState_Swap(seat_->state);
  return seat_;
}

bool Thread::make_objects(const Gil& gil, Seat& seat) const {
  const Types& types = seat.interpreter->types();
  if (!seat.thread_id) seat.thread_id = PyRef::steal(PyLong_FromLong(id_));
  if (!seat.input) seat.input = make_input(gil, types.input.get());
  if (!seat.errors) seat.errors = make_request_stream(gil, types.log_stream.get());
  if (!seat.write) seat.write = make_write(gil, types.write.get());
  if (!seat.start_response && seat.write) {
    seat.start_response = make_start_response(gil, types.start_response.get(), seat.write.get());
  }
  return seat.thread_id && seat.input && seat.errors && seat.start_response;
}

void Thread::arm(const Seat& seat) {
  arm_input(seat.input.get(), &body_);
  arm_request_stream(seat.errors.get(), &log_);
  arm_write(seat.write.get(), &response_);
  arm_start_response(seat.start_response.get(), &response_);
}

// No more output, no more body: the exchange is about to end. Waits for helper threads of the
// application that are inside it.
void Thread::end_output(const Gil& gil, const Seat& seat) {
  arm_write(seat.write.get(), nullptr);
  arm_start_response(seat.start_response.get(), nullptr);
  while (body_.busy() || response_.busy()) {
    const GilRelease unlocked(gil);
    body_.wait_until_idle();
    response_.wait_until_idle();
  }
  body_.stop("the response has ended");
}

void Thread::disarm(Seat& seat) {
  arm_input(seat.input.get(), nullptr);
  arm_request_stream(seat.errors.get(), nullptr);
  arm_write(seat.write.get(), nullptr);
  arm_start_response(seat.start_response.get(), nullptr);
  reset_if_kept(seat.input);
  reset_if_kept(seat.errors);
  // start_response holds one reference to write, the seat the other.
  if (Py_REFCNT(seat.write.get()) > 2 || Py_REFCNT(seat.start_response.get()) > 1) {
    seat.start_response.reset();
    seat.write.reset();
  }
}

Outcome Thread::run(const daemon::RequestMessage& request, Exchange& exchange) {
  const Gil gil(Gil::AlreadyHeld{});
  const std::int64_t start_us = now_us();
  log_.set_request(&request);
  set_thread_log(&log_);
  const base::ScopeExit end_log([this] {
    log_.set_request(nullptr);
    set_thread_log(nullptr);
  });
  Seat* const seat = take_seat(gil, request.application_group);
  if (seat == nullptr) {
    exchange.fail(500);
    return Outcome::done;
  }
  return run_in(gil, *seat, request, exchange, start_us);
}

Outcome Thread::run_in(const Gil& gil, Seat& seat, const daemon::RequestMessage& request,
                       Exchange& exchange, std::int64_t start_us) {
  Interpreter& interpreter = *seat.interpreter;
  auto& entries = interpreter.entries();
  const auto found = entries.find(request.fixed.site_id);
  const AppEntry* entry = found == entries.end() ? nullptr : found->second.get();
  std::unique_ptr<AppEntry> made;
  if (entry == nullptr) {
    made = make_entry(gil, interpreter, request);
    entry = made.get();
    if (made && entries.size() < kMaxEntries) {
      entry = entries.try_emplace(request.fixed.site_id, std::move(made)).first->second.get();
    }
  }
  if (entry == nullptr || !make_objects(gil, seat)) {
    log_exception(gil, interpreter, log_, "wsgi.prepare_failed", "");
    exchange.fail(500);
    return Outcome::done;
  }
  switch (ensure_loaded(gil, interpreter, *entry->script,
                        on_change(interpreter.settings(), request), python_.load_lock, start_us,
                        log_)) {
    case Loaded::ready:
      break;
    case Loaded::changed:
      exchange.reject();
      return Outcome::script_changed;
    case Loaded::failed:
      exchange.fail(500);
      return Outcome::done;
  }
  if (request.fixed.body == daemon::BodyMode::stream) exchange.accepted();
  if (const PyRef callable = find_callable(gil, seat, *entry)) {
    answer(gil, seat, callable.get(), *entry, request, exchange, start_us);
  } else {
    exchange.fail(404);
  }
  return Outcome::done;
}

PyRef Thread::find_callable(const Gil&, const Seat& seat, const AppEntry& entry) {
  PyRef callable =
      PyRef::borrow(PyDict_GetItemWithError(entry.script->dict.get(), entry.callable_name.get()));
  if (!callable) {
    PyErr_Clear();
    log_.write(LogLevel::error, EventText("wsgi.callable_missing")
                                    .add("script", entry.script->path)
                                    .add("callable", entry.callable)
                                    .add("group", seat.interpreter->group())
                                    .text());
  }
  return callable;
}

void Thread::answer(const Gil& gil, Seat& seat, PyObject* callable, const AppEntry& entry,
                    const daemon::RequestMessage& request, Exchange& exchange,
                    std::int64_t start_us) {
  Interpreter& interpreter = *seat.interpreter;
  body_.begin(request, exchange);
  response_.begin(exchange, (request.fixed.flags & daemon::kHeadRequest) != 0, start_us);
  arm(seat);
  {
    const PyRef environ =
        make_environ(gil, interpreter, entry, request,
                     {seat.input.get(), seat.errors.get(), seat.thread_id.get(), start_us});
    PyObject* const args[] = {environ.get(), seat.start_response.get()};
    const PyRef iterable =
        environ ? PyRef::steal(PyObject_Vectorcall(callable, args, 2, nullptr)) : PyRef();
    const Took took = iterable ? send_iterable(gil, iterable.get(),
                                               interpreter.types().file_wrapper.get(), response_)
                               : Took::raised;
    end_response(gil, seat, entry, took, exchange);
    // After the end of the exchange: the client does not wait for the application's clean-up.
    if (iterable && !close_iterable(gil, iterable.get())) {
      log_exception(gil, interpreter, log_, "wsgi.close_failed", entry.script->path);
    }
  }
  disarm(seat);
}

void Thread::end_response(const Gil& gil, const Seat& seat, const AppEntry& entry, Took took,
                          Exchange& exchange) {
  if (took == Took::raised) {
    if (response_.client_gone() && PyErr_ExceptionMatches(PyExc_OSError) != 0) {
      PyErr_Clear();  // write() said so itself
      log_.write(LogLevel::trace1, "wsgi.client_gone");
    } else {
      log_exception(gil, *seat.interpreter, log_, "wsgi.exception", entry.script->path);
    }
  }
  end_output(gil, seat);
  if (took == Took::raised && !response_.committed()) {
    exchange.fail(body_.too_large() ? 413 : 500);
    return;
  }
  if (response_.short_of_length() && took == Took::ok) {
    took = Took::raised;
    log_.write(LogLevel::warn, EventText("wsgi.response_short")
                                   .add("content_length", response_.content_length())
                                   .add("sent", static_cast<long long>(response_.sent()))
                                   .text());
  }
  exchange.finish(took == Took::ok ? End::complete : End::truncated);
}

std::unique_ptr<RequestThread> Python::attach_thread(int id) {
  return std::make_unique<Thread>(*impl_, id);
}

}  // namespace appserver::wsgi
