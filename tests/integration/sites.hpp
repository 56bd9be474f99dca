// SPDX-License-Identifier: Apache-2.0
// Configurations that several files of tests start the programs with.
#pragma once

#include <string>

namespace tests::integration {

/// tests/wsgi_apps/NAME.wsgi at /apps/NAME.wsgi, in the group `app`: `options` go to
/// WSGIDaemonProcess.
inline std::string daemon_site(const std::string& options = "processes=2 threads=4") {
  return "WSGIDaemonProcess app display-name=%{GROUP} " + options +
         "\nWSGIProcessGroup app\nWSGIApplicationGroup %{GLOBAL}\n"
         "WSGIScriptAlias /apps/ ${APPS}/\n"
         "<Directory ${APPS}>\n  Require all granted\n</Directory>\n";
}

/// The same without a daemon group: the fronts run the applications.
inline std::string embedded_site() {
  return "WSGIApplicationGroup %{GLOBAL}\nWSGIScriptAlias /apps/ ${APPS}/\n"
         "<Directory ${APPS}>\n  Require all granted\n</Directory>\n";
}

/// ${DIR}/files at /files/.
inline std::string static_site() {
  return "Alias /files/ ${DIR}/files/\n<Directory ${DIR}/files>\n  Require all "
         "granted\n</Directory>\n";
}

}  // namespace tests::integration
