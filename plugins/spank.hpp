// <slurm/spank.h> for C++: up to 22.05 at least, half of it stands outside of its extern "C". What
// it declares for a plugin to define must be seen by Slurm, so it is not hidden as all else is.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdarg>
#include <cstdlib>

#include <slurm/slurm_errno.h>

#pragma GCC visibility push(default)
extern "C" {
#include <slurm/spank.h>
}
#pragma GCC visibility pop
