package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// setCluster turns DRS on or off, and names the hosts that the cluster keeps free for a failover.
func (l *lab) setCluster(request *struct {
	Name          string
	Drs           *bool
	Behavior      string
	FailoverHosts []string
	// How DRS starts a VM: task, noTask or notAttempted.
	Start string
}) error {
	if request.Start != "" {
		l.drsStart = request.Start
	}
	for _, entity := range simulator.Map.All("ClusterComputeResource") {
		if entity.Entity().Name != request.Name {
			continue
		}
		cluster := entity.(*simulator.ClusterComputeResource)
		configuration := cluster.Configuration
		if request.Drs != nil {
			configuration.DrsConfig.Enabled = request.Drs
		}
		if request.Behavior != "" {
			configuration.DrsConfig.DefaultVmBehavior = types.DrsBehavior(request.Behavior)
		}
		if request.FailoverHosts != nil {
			policy := &types.ClusterFailoverHostAdmissionControlPolicy{}
			for _, reference := range cluster.Host {
				host := simulator.Map.Get(reference).(*simulator.HostSystem)
				for _, name := range request.FailoverHosts {
					if host.Name == name {
						policy.FailoverHosts = append(policy.FailoverHosts, reference)
					}
				}
			}
			configuration.DasConfig.Enabled = types.NewBool(true)
			configuration.DasConfig.AdmissionControlPolicy = policy
		}
		update(cluster, map[string]types.AnyType{"configuration": configuration})
		return nil
	}
	return fmt.Errorf("no such cluster: %q", request.Name)
}
