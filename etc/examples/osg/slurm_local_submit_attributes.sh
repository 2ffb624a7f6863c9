#!/bin/sh
# /etc/blahp/slurm_local_submit_attributes.sh, for pilots that come by an HTCondor-CE: what this prints is
# added to the job script that the CE gives to sbatch. The CE's host needs tidepool's SPANK plugin, or
# sbatch refuses the options.
cat <<'END'
#SBATCH --requeue
#SBATCH --hold-mode=hibernate,requeue
#SBATCH --max-held=24h
END
