#pragma once

namespace tidepool::sim {

class Cloud;

// Fills an empty cloud: projects, users, one application credential, flavors, images, networks and
// hosts, from its settings. Ids of projects, users, flavors, images and networks are the same in
// every run, so that caches of a client under test stay true over a restart.
void seed(Cloud& cloud);

}  // namespace tidepool::sim
