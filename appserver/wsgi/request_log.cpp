// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/request_log.hpp"

#include <utility>

namespace appserver::wsgi {

using base::observe::LogLevel;

void RequestLog::set_request(const daemon::RequestMessage* message) {
  flush();
  message_ = message;
  context_.clear();
}

const std::string& RequestLog::context() {
  if (message_ == nullptr || !context_.empty()) return context_;
  std::string_view address;
  std::string_view port;
  std::string_view script;
  const auto look = [&](std::string_view block) {
    daemon::VariableReader reader(block);
    daemon::Variable v;
    while (reader.next(v)) {
      if (v.key == daemon::Key::remote_addr) address = v.value;
      if (v.key == daemon::Key::remote_port) port = v.value;
      if (v.key == daemon::Key::script_file) script = v.value;
    }
  };
  look(message_->site);
  look(message_->variables);
  context_ = "client=";
  base::observe::append_escaped(context_, address);
  context_ += ':';
  base::observe::append_escaped(context_, port);
  context_ += " script=";
  base::observe::append_escaped(context_, script);
  return context_;
}

void RequestLog::write(LogLevel level, std::string_view line) {
  if (log_.enabled(level)) log_.write(level, line, context());
}

void RequestLog::append(Stream stream, std::string_view text) {
  buffers_[static_cast<int>(stream)].append(
      text, [this](std::string_view line) { write(LogLevel::error, line); });
}

void RequestLog::flush(Stream stream) {
  buffers_[static_cast<int>(stream)].flush(
      [this](std::string_view line) { write(LogLevel::error, line); });
}

void RequestLog::flush() {
  for (const Stream stream : {Stream::errors, Stream::out, Stream::err}) flush(stream);
}

EventText& EventText::add(std::string_view key, std::string_view value) {
  text_ += ' ';
  text_ += key;
  text_ += '=';
  const bool quoted = value.empty() || value.find_first_of(" \"\\=") != std::string_view::npos;
  if (quoted) text_ += '"';
  base::observe::append_escaped(text_, value);
  if (quoted) text_ += '"';
  return *this;
}

EventText& EventText::add(std::string_view key, long long value) {
  text_ += ' ';
  text_ += key;
  text_ += '=';
  text_ += std::to_string(value);
  return *this;
}

}  // namespace appserver::wsgi
