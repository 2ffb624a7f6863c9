include(GNUInstallDirs)
install(TARGETS tidepool RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS tidepool-resume tidepool-suspend tidepool-resume-fail
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tidepool)
include(cmake/documents.cmake)
