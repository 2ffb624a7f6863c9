# What is installed beside the programs: manual pages, units, users and folders, examples.
find_program(SCDOC scdoc)
if(SCDOC)
  foreach(page tidepool.8 tidepool-resume.8 spank_tidepool.8 tidepool.yaml.5)
    set(source ${PROJECT_SOURCE_DIR}/packaging/man/${page}.scd)
    add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man/${page}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND sh -c "${SCDOC} <'${source}' >'${PROJECT_BINARY_DIR}/man/${page}'"
      DEPENDS ${source} VERBATIM)
    list(APPEND TIDEPOOL_PAGES ${PROJECT_BINARY_DIR}/man/${page})
    string(REGEX MATCH "[58]$" section ${page})
    install(FILES ${PROJECT_BINARY_DIR}/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_target(man ALL DEPENDS ${TIDEPOOL_PAGES})
else()
  message(STATUS "scdoc is not here: no manual pages")
endif()
# Debian 12's packages have their units in /lib; where systemd looks too.
set(TIDEPOOL_UNIT_DIR lib/systemd/system CACHE STRING "where the systemd units are installed")
install(FILES etc/tidepool.service etc/tidepool-standin.service DESTINATION ${TIDEPOOL_UNIT_DIR})
install(FILES packaging/sysusers/tidepool.conf DESTINATION lib/sysusers.d)
install(FILES packaging/tmpfiles/tidepool.conf DESTINATION lib/tmpfiles.d)
install(FILES packaging/completion/tidepool
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES etc/tidepool.yaml etc/tidepool.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
if(EXISTS ${PROJECT_SOURCE_DIR}/etc/examples) # whole sites
  install(DIRECTORY etc/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples USE_SOURCE_PERMISSIONS)
endif()
install(FILES etc/plugstack.conf etc/tidepool-jobs.conf
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/tidepool-slurm-plugins/examples)
install(DIRECTORY etc/guest DESTINATION ${CMAKE_INSTALL_DATADIR}/tidepool USE_SOURCE_PERMISSIONS)
