// Whether a pool's flavor and image go together with holds by hibernation. No I/O.
#pragma once

#include <vector>

#include "config/diagnostic.hpp"
#include "config/pool_file.hpp"
#include "openstack/compute.hpp"
#include "openstack/image.hpp"

namespace tidepool {

// Nothing to say of a pool whose hold modes lack hibernate.
void check_guest_image(const PoolFile& pools, const Pool& pool, const openstack::Flavor& flavor,
                       const openstack::ImageInfo& image, std::vector<Diagnostic>& into);

}  // namespace tidepool
