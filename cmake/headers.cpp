// Carries the precompiled headers; see cmake/settings.cmake.
