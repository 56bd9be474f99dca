// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/directives/rows.hpp"

namespace appserver::config {

const base::config::DirectiveTable<Builder>& directive_table() {
  static const base::config::DirectiveTable<Builder> table(
      base::config::Program::app_server,
      {core_rows(), section_rows(), listen_rows(), alias_rows(), access_rows(), wsgi_rows(),
       forwarded_rows(), log_rows(), compat_rows(), inert_rows(), refused_rows()});
  return table;
}

}  // namespace appserver::config
