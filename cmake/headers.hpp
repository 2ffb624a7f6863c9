// Precompiled: what nearly every file of the layers above base/ includes.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.hpp"
#include <boost/asio.hpp>
#include <fmt/format.h>

#include "base/result.hpp"
