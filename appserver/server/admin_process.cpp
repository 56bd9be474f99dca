// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/admin_process.hpp"

#include "appserver/server/control.hpp"
#include "appserver/server/identity.hpp"

#include <unistd.h>

namespace appserver::server {

void run_admin(AdminStart start) {
  set_process_title("gatehouse: admin");
  ControlMessage ready;
  ready.type = ControlType::ready;
  (void)send_control(start.control.get(), ready);
  for (;;) ::pause();
}

}  // namespace appserver::server
