// SPDX-License-Identifier: Apache-2.0
// One request thread inside Python: its thread states, one per interpreter for life, and what it
// uses from request to request. Sources: wsgi-hosting 3.3, 6.3; architecture section 4 (crew).
#pragma once

#include "appserver/wsgi/body_reader.hpp"
#include "appserver/wsgi/environ.hpp"
#include "appserver/wsgi/python_impl.hpp"
#include "appserver/wsgi/request_log.hpp"
#include "appserver/wsgi/response.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace appserver::wsgi {

class Thread final : public RequestThread {
 public:
  Thread(Python::Impl& python, int id);
  ~Thread() override;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void acquire() override;
  void release() override;
  Outcome run(const daemon::RequestMessage& request, Exchange& exchange) override;

 private:
  // This thread in one interpreter. The objects are used again for the next request unless the
  // application kept them.
  struct Seat {
    Interpreter* interpreter = nullptr;
    PyThreadState* state = nullptr;
    PyRef thread_id, input, errors, write, start_response;
  };

  Seat* take_seat(const Gil& gil, std::string_view group);
  bool make_objects(const Gil& gil, Seat& seat) const;
  void arm(const Seat& seat);
  void end_output(const Gil& gil, const Seat& seat);
  void disarm(Seat& seat);
  Outcome run_in(const Gil& gil, Seat& seat, const daemon::RequestMessage& request,
                 Exchange& exchange, std::int64_t start_us);
  PyRef find_callable(const Gil& gil, const Seat& seat, const AppEntry& entry);
  void answer(const Gil& gil, Seat& seat, PyObject* callable, const AppEntry& entry,
              const daemon::RequestMessage& request, Exchange& exchange, std::int64_t start_us);
  void end_response(const Gil& gil, const Seat& seat, const AppEntry& entry, Took took,
                    Exchange& exchange);

  Python::Impl& python_;
  int id_;
  std::map<std::string, Seat, std::less<>> seats_;
  Seat* seat_ = nullptr;  // the one whose state is current while the GIL is held
  RequestLog log_;
  BodyReader body_;
  Response response_;
};

}  // namespace appserver::wsgi
