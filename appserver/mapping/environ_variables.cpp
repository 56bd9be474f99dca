// SPDX-License-Identifier: Apache-2.0
// Known fields go by number; nothing is allocated but the output, which the caller uses again.
#include "appserver/mapping/environ_variables.hpp"

#include "appserver/daemon/request_message.hpp"
#include "appserver/mapping/own_name.hpp"
#include "base/http/field_name.hpp"
#include "base/http/field_rules.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace appserver::mapping {
namespace {

using base::http::Field;
using base::http::FieldName;
using base::http::RequestHead;
using daemon::Key;
using daemon::VariableWriter;
using trust::FieldSet;

/// mod_wsgi's own; no configuration may set them (wsgi-hosting 4.6).
constexpr std::string_view kInternalPrefix = "mod_wsgi.x-";

char environ_char(char c) noexcept {
  if (c == '-') return '_';
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// HTTP_ and the name as a variable; `name` holds letters, digits and '-' only.
void append_variable_name(std::string& out, std::string_view name) {
  out.append("HTTP_");
  for (const char c : name) out.push_back(environ_char(c));
}

/// Where a known field goes: a number, or a text for those without.
struct FieldKey {
  Key key = Key::custom;
  std::string text;
};
using FieldKeys = std::array<FieldKey, static_cast<std::size_t>(FieldName::count_)>;

FieldKeys make_field_keys() {
  FieldKeys keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    append_variable_name(keys[i].text, base::http::text_of(static_cast<FieldName>(i)));
    keys[i].key = daemon::find_key(keys[i].text);
  }
  return keys;
}

const FieldKey& key_of(FieldName name) {
  static const FieldKeys kKeys = make_field_keys();  // constant, made at the first request
  return kKeys[static_cast<std::size_t>(name)];
}

bool same_field(const Field& a, const Field& b) noexcept {
  return a.id == b.id &&
         (a.id != FieldName::other || base::http::equals_ignore_case(a.name, b.name));
}

/// Request fields as HTTP_ variables (wsgi-hosting 4.4).
class FieldVariables {
 public:
  FieldVariables(const RequestHead& head, VariableWriter& writer) : head_(head), writer_(writer) {
    FieldSet seen;
    for (const Field& field : head.fields) {
      if (field.id == FieldName::other) continue;
      if (seen.has(field.id)) repeated_.add(field.id);
      seen.add(field.id);
    }
  }

  /// All but `withheld`.
  void write(const FieldSet& withheld) {
    FieldSet written = withheld;
    for (std::size_t i = 0; i < head_.fields.size(); ++i) {
      const Field& field = head_.fields[i];
      if (field.id == FieldName::other) {
        write_unknown(i);
      } else if (!written.has(field.id)) {
        written.add(field.id);
        const FieldKey& key = key_of(field.id);
        const std::string_view value = repeated_.has(field.id) ? joined(i) : field.value;
        if (key.key == Key::custom)
          writer_.add_custom(key.text, value);
        else
          writer_.add(key.key, value);
      }
    }
  }

  /// Content-Type and Content-Length: without HTTP_.
  void write_as(Key key, FieldName name) {
    for (std::size_t i = 0; i < head_.fields.size(); ++i) {
      if (head_.fields[i].id != name) continue;
      writer_.add(key, repeated_.has(name) ? joined(i) : head_.fields[i].value);
      return;
    }
  }

 private:
  void write_unknown(std::size_t at) {
    const Field& field = head_.fields[at];
    if (!base::http::may_reach_environ(field.id, field.name)) return;
    bool again = false;
    for (std::size_t i = 0; i < head_.fields.size(); ++i) {
      if (i == at || !same_field(head_.fields[i], field)) continue;
      if (i < at) return;  // joined there
      again = true;
    }
    name_.clear();
    append_variable_name(name_, field.name);
    writer_.add(name_, again ? joined(at) : field.value);
  }

  /// The values of a repeated field, from its first line on.
  std::string_view joined(std::size_t first) {
    joined_.assign(head_.fields[first].value);
    for (std::size_t i = first + 1; i < head_.fields.size(); ++i)
      if (same_field(head_.fields[i], head_.fields[first]))
        joined_.append(", ").append(head_.fields[i].value);
    return joined_;
  }

  const RequestHead& head_;
  VariableWriter& writer_;
  FieldSet repeated_;
  std::string name_;
  std::string joined_;
};

class Number {
 public:
  explicit Number(std::uint16_t value) noexcept {
    const auto end = std::to_chars(text_.data(), text_.data() + text_.size(), value);
    size_ = static_cast<std::size_t>(end.ptr - text_.data());
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 8> text_{};
  std::size_t size_ = 0;
};

bool has_name(const std::vector<std::pair<std::string, std::string>>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [name](const auto& entry) { return entry.first == name; });
}

void write_fields(const RequestHead& head, const MapResult& result,
                  const trust::Overrides* overrides, VariableWriter& writer) {
  FieldSet withheld = result.forwarded.hidden | FieldSet{FieldName::proxy,
                                                         FieldName::gatehouse_hop,
                                                         FieldName::authorization,
                                                         FieldName::proxy_authorization,
                                                         FieldName::content_length,
                                                         FieldName::content_type,
                                                         FieldName::host};
  if (result.site->script->pass_authorization) withheld.remove(FieldName::authorization);
  const std::string* const forwarded_for =
      overrides != nullptr && overrides->forwarded_for && !withheld.has(FieldName::x_forwarded_for)
          ? &*overrides->forwarded_for
          : nullptr;
  if (forwarded_for != nullptr) {
    writer.add(Key::http_x_forwarded_for, *forwarded_for);
    withheld.add(FieldName::x_forwarded_for);
  }
  FieldVariables fields(head, writer);
  fields.write(withheld);
  fields.write_as(Key::content_type, FieldName::content_type);
  if (head.body != base::http::BodyKind::chunked)
    fields.write_as(Key::content_length, FieldName::content_length);
  if (overrides != nullptr && overrides->http_host)
    writer.add(Key::http_host, *overrides->http_host);
  else if (!result.authority.empty())
    writer.add(Key::http_host, result.authority);
}

void write_tls(const trust::ClientIdentity& client, trust::HttpsOverride forwarded,
               VariableWriter& writer) {
  switch (forwarded) {
    case trust::HttpsOverride::on:
      writer.add(Key::https, "1");
      break;
    case trust::HttpsOverride::off:
      writer.add(Key::https, "off");  // over whatever SetEnv put into the site block
      break;
    case trust::HttpsOverride::ignore_tls:
      break;
    case trust::HttpsOverride::none:
      if (client.tls) writer.add(Key::https, "on");
      break;
  }
  if (!client.tls) return;
  writer.add_custom("SSL_PROTOCOL", client.tls_protocol);
  writer.add_custom("SSL_CIPHER", client.tls_cipher);
  if (!client.sni.empty()) writer.add_custom("SSL_TLS_SNI", client.sni);
}

/// An overridden value or its own.
std::string_view pick(const std::optional<std::string>* overridden, std::string_view own) noexcept {
  return overridden != nullptr && *overridden ? std::string_view(**overridden) : own;
}

}  // namespace

void write_site_block(const config::VirtualHost& host, const config::Scope& scope,
                      std::string_view process_group, const MapperOptions& options,
                      ScriptSettings& script) {
  script.environ_block.clear();
  VariableWriter writer(script.environ_block);
  // First, so that what the server produces itself stands over it (wsgi-hosting 1.11).
  for (const auto& [name, value] : scope.set_env) {
    if (std::string_view(name).starts_with(kInternalPrefix)) continue;
    writer.add(name, value);
  }
  script.set_env_path_info = has_name(scope.set_env, "PATH_INFO");

  writer.add(Key::process_group, process_group);
  writer.add(Key::callable_object, script.callable_object);
  writer.add(Key::script_file, script.file);
  writer.add(Key::request_handler, "wsgi-script");
  writer.add(Key::handler_script, "");

  writer.add(Key::server_software, options.server_software);
  writer.add(Key::document_root, host.document_root);
  writer.add(Key::context_prefix, "");  // only Alias makes a context (wsgi-hosting 4.3)
  writer.add(Key::context_document_root, host.document_root);
  if (!host.server_admin.empty()) writer.add(Key::server_admin, host.server_admin);
  writer.add(Key::script_filename, script.file);
  writer.add(Key::mod_wsgi_server_pid, options.server_pid);

  // FNV-1a: the block is made of configuration and file names, nobody can aim at a collision.
  std::uint64_t id = 14695981039346656037U;
  for (const char c : script.environ_block)
    id = (id ^ static_cast<unsigned char>(c)) * 1099511628211U;
  script.environ_id = id;
}

void write_request_variables(const RequestHead& head, const MapResult& result,
                             const RequestIds& ids, std::string& out) {
  VariableWriter writer(out);
  const trust::ClientIdentity& client = result.client;
  const trust::Overrides* const overrides =
      result.forwarded.overrides ? &*result.forwarded.overrides : nullptr;

  writer.add(Key::request_method, head.method_text);
  writer.add(Key::request_uri, head.target);
  writer.add(Key::query_string, result.query);
  writer.add(Key::server_protocol, !client.protocol.empty()  ? client.protocol
                                   : head.version_minor == 0 ? std::string_view("HTTP/1.0")
                                                             : std::string_view("HTTP/1.1"));
  writer.add(Key::request_scheme, request_scheme(result));

  const std::string_view script_name = result.script_name();
  const std::string_view path_info = result.path_info();
  writer.add(Key::script_name, pick(overrides ? &overrides->script_name : nullptr, script_name));
  if (!path_info.empty() || !result.site->script->set_env_path_info)
    writer.add(Key::path_info, path_info);
  writer.add(Key::mod_wsgi_script_name, script_name);
  writer.add(Key::mod_wsgi_path_info, path_info);
  if (overrides != nullptr && overrides->script_name)
    writer.add(Key::mod_wsgi_mount_point, *overrides->script_name);

  writer.add(Key::server_name,
             pick(overrides ? &overrides->server_name : nullptr, server_name(result)));
  writer.add(Key::server_port, pick(overrides ? &overrides->server_port : nullptr,
                                    Number(server_port(result)).text()));
  writer.add(Key::remote_addr,
             pick(overrides ? &overrides->remote_addr : nullptr, client.client_text));
  if (!client.client.is_unix) writer.add(Key::remote_port, Number(client.client.port).text());
  if (!client.local.is_unix) writer.add(Key::server_addr, client.local_text);
  write_tls(client, overrides ? overrides->https : trust::HttpsOverride::none, writer);

  write_fields(head, result, overrides, writer);
  for (const auto& [name, value] : result.sections.variables)
    if (!has_name(result.site->scope.set_env, name)) writer.add(name, value);

  writer.add(Key::mod_wsgi_connection_id, ids.connection_id);
  writer.add(Key::mod_wsgi_request_id,
             client.request_id.empty() ? ids.request_id : client.request_id);
  writer.add(Key::mod_wsgi_listener_host, result.listener_host);
  writer.add(Key::mod_wsgi_listener_port,
             result.listener_port == 0 ? std::string_view() : Number(result.listener_port).text());
}

}  // namespace appserver::mapping
