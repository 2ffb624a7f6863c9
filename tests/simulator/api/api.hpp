#pragma once
#include "http/call.hpp"

// Each service adds its routes. Handlers run with the model locked, except the control's.
namespace tidepool::sim {

struct Front;

void add_keystone(Router& router);
void add_keystone_credentials(Router& router);
void add_nova_servers(Router& router);
void add_nova_actions(Router& router);
void add_nova_flavors(Router& router);
void add_nova_quotas(Router& router);
void add_nova_admin(Router& router);
void add_nova_versions(Router& router);
void add_neutron(Router& router);
void add_neutron_ports(Router& router);
void add_glance(Router& router);
void add_placement(Router& router);
void add_control(Front& front);
void add_control_cloud(Front& front);

// The catalog's endpoints, without a slash at the end.
std::string base_url(const Cloud& cloud);

}  // namespace tidepool::sim
