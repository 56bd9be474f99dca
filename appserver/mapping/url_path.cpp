// SPDX-License-Identifier: Apache-2.0
// Host and path are judged by base/http; here is the order of the judgements and who wins.
#include "appserver/mapping/url_path.hpp"

#include "base/http/request_target.hpp"

#include <optional>
#include <string>
#include <utility>

namespace appserver::mapping {
namespace {

using base::http::Method;
using base::http::RequestHead;
using base::http::RequestTarget;

/// A connection whose request cannot be understood is not used further.
bool refuse_and_close(MapResult& out, int status, std::string detail) {
  out.target = ErrorTarget{status, std::move(detail), true};
  return false;
}

bool read_authority(const RequestHead& head, const std::optional<RequestTarget>& target,
                    MapResult& out) {
  if (head.version_minor > 0 && !head.has_host)
    return refuse_and_close(out, 400, "HTTP/1.1 request without Host");
  if (head.has_host && !base::http::parse_host(head.host))
    return refuse_and_close(out, 400, "unusable Host");
  if (target && target->form == RequestTarget::Form::absolute)
    out.authority = target->authority;
  else if (head.has_host)
    out.authority = head.host;
  if (out.authority.empty()) return true;  // HTTP/1.0: the first host answers
  const auto parsed = base::http::parse_host(out.authority);
  if (!parsed) return refuse_and_close(out, 400, "unusable authority");
  base::http::append_host_key(out.host_name, parsed->name);
  out.host_port = parsed->port;
  return true;
}

}  // namespace

bool read_url(const RequestHead& head, const config::Model& model, const HostIndex& hosts,
              MapResult& out) {
  const auto target = base::http::split_target(head.method, head.target);
  if (!read_authority(head, target, out)) return false;
  out.host_index = hosts.select(out.client.local, out.host_name);
  out.host = &model.hosts[out.host_index];
  if (!target) return refuse_and_close(out, 400, "unusable request target");
  out.query = target->query;
  out.has_query = target->has_query;
  // Neither reaches an application: TraceEnable is off, and this is no proxy.
  if (head.method == Method::connect || head.method == Method::trace)
    return refuse_and_close(out, 405, "method not offered: " + std::string(head.method_text));
  if (target->form == RequestTarget::Form::asterisk) {
    out.target = ServerOptionsTarget{};
    return false;
  }
  const int status = base::http::normalize_path(target->path, base::http::EncodedSlashes::off,
                                                base::http::MergeSlashes::on, out.path);
  if (status == 0) return true;
  out.target =
      ErrorTarget{status, status == 404 ? "encoded slash in the path" : "unusable path", false};
  return false;
}

}  // namespace appserver::mapping
