// <slurm/spank.h> for C++: up to 22.05 at least, half of it stands outside of its extern "C".
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdarg>
#include <cstdlib>

#include <slurm/slurm_errno.h>

extern "C" {
#include <slurm/spank.h>
}
