package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	datacenterName = "Lab"
	edgeHost       = "esx-edge.lab"
)

// One inventory for each process: the simulator's registry is global.
var model *simulator.Model

func makeInventory(l *lab) error {
	if l.opt.model == "esx" {
		model = simulator.ESX()
	} else {
		model = simulator.VPX()
	}
	about := &model.ServiceContent.About
	about.ApiVersion = l.opt.api
	about.Version = l.opt.api
	about.FullName = fmt.Sprintf("%s %s (LinuxP2V lab)", about.Name, l.opt.api)
	model.Datacenter, model.Datastore, model.Machine, model.Host, model.Cluster = 0, 0, 0, 0, 0
	if err := model.Create(); err != nil {
		return err
	}
	addGuestIds()
	addCryptoManager()
	ctx := context.Background()
	var err error
	if l.client, err = vim25.NewClient(ctx, model.Service); err != nil {
		return err
	}
	if l.opt.model == "esx" {
		return l.addEsxParts(ctx)
	}
	return l.addDatacenter(ctx)
}

func (l *lab) addEsxParts(ctx context.Context) error {
	host := simulator.Map.Any("HostSystem").(*simulator.HostSystem)
	host.Runtime.ConnectionState = types.HostSystemConnectionStateConnected
	return l.addDatastores(ctx, object.NewFolder(l.client, simulator.Map.Any("Datacenter").(*simulator.Datacenter).DatastoreFolder))
}

func (l *lab) addDatacenter(ctx context.Context) error {
	center, err := object.NewRootFolder(l.client).CreateDatacenter(ctx, datacenterName)
	if err != nil {
		return err
	}
	folders, err := center.Folders(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"Converted", "Templates"} {
		if _, err := folders.VmFolder.CreateFolder(ctx, name); err != nil {
			return err
		}
	}
	hosts, err := l.addHosts(ctx, folders.HostFolder)
	if err != nil {
		return err
	}
	if err := l.addSwitch(ctx, folders.NetworkFolder, hosts); err != nil {
		return err
	}
	return l.addDatastores(ctx, folders.DatastoreFolder)
}

func (l *lab) addHosts(ctx context.Context, folder *object.Folder) ([]ref, error) {
	var hosts []ref
	add := func(task *object.Task, err error) error {
		if err != nil {
			return err
		}
		info, err := task.WaitForResult(ctx, nil)
		if err != nil {
			return err
		}
		hosts = append(hosts, info.Result.(ref))
		return nil
	}
	number := 0
	for c := 1; c <= l.opt.clusters; c++ {
		cluster, err := folder.CreateCluster(ctx, fmt.Sprintf("Cluster%d", c), types.ClusterConfigSpecEx{})
		if err != nil {
			return nil, err
		}
		for h := 0; h < l.opt.hosts; h++ {
			number++
			spec := types.HostConnectSpec{HostName: fmt.Sprintf("esx%02d.lab", number)}
			if err := add(cluster.AddHost(ctx, spec, true, nil, nil)); err != nil {
				return nil, err
			}
		}
		root, err := cluster.ResourcePool(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := root.Create(ctx, fmt.Sprintf("Pool%d", c), types.DefaultResourceConfigSpec()); err != nil {
			return nil, err
		}
	}
	return hosts, add(folder.AddStandaloneHost(ctx, types.HostConnectSpec{HostName: edgeHost}, true, nil, nil))
}

func (l *lab) addSwitch(ctx context.Context, folder *object.Folder, _ []ref) error {
	var spec types.DVSCreateSpec
	config := &types.VMwareDVSConfigSpec{}
	config.Name = "Switch1"
	spec.ConfigSpec = config
	task, err := folder.CreateDVS(ctx, spec)
	if err != nil {
		return err
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return err
	}
	dvs := object.NewDistributedVirtualSwitch(l.client, info.Result.(ref))
	for _, host := range simulator.Map.All("HostSystem") {
		member := &types.DVSConfigSpec{Host: []types.DistributedVirtualSwitchHostMemberConfigSpec{{
			Operation: string(types.ConfigSpecOperationAdd), Host: host.Reference(),
		}}}
		if task, err = dvs.Reconfigure(ctx, member); err == nil {
			err = task.Wait(ctx)
		}
		if err != nil {
			return err
		}
	}
	tagUplinks()
	if task, err = dvs.AddPortgroup(ctx, []types.DVPortgroupConfigSpec{{Name: "Distributed Network"}}); err != nil {
		return err
	}
	return task.Wait(ctx)
}

// tagUplinks marks the port group of a switch's uplinks, which takes no VM: older servers have no other mark for it.
func tagUplinks() {
	for _, entity := range simulator.Map.All("DistributedVirtualPortgroup") {
		if group, ok := entity.(*simulator.DistributedVirtualPortgroup); ok && strings.Contains(group.Name, "DVUplinks") {
			update(group, map[string]types.AnyType{"tag": []types.Tag{{Key: "SYSTEM/DVS.UPLINKPG"}}})
		}
	}
}

func (l *lab) addDatastores(ctx context.Context, folder *object.Folder) error {
	pods := map[string]*object.StoragePod{}
	for _, option := range l.opt.datastores {
		dir := filepath.Join(l.opt.folder, "datastores", option.name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		var made *object.Datastore
		for _, host := range simulator.Map.All("HostSystem") {
			if option.host != "" && host.Entity().Name != option.host {
				continue
			}
			system, err := object.NewHostSystem(l.client, host.Reference()).ConfigManager().DatastoreSystem(ctx)
			if err != nil {
				return err
			}
			if made, err = system.CreateLocalDatastore(ctx, option.name, dir); err != nil {
				return err
			}
		}
		if made == nil {
			return fmt.Errorf("datastore %s: there is no host %s", option.name, option.host)
		}
		dressDatastore(made.Reference(), option.isVsan)
		if option.pod == "" {
			continue
		}
		if pods[option.pod] == nil {
			pod, err := folder.CreateStoragePod(ctx, option.pod)
			if err != nil {
				return err
			}
			pods[option.pod] = pod
		}
		if err := moveIntoPod(pods[option.pod].Reference(), made.Reference()); err != nil {
			return err
		}
	}
	l.refreshDatastores()
	return nil
}

// dressDatastore makes the simulator's local folder look like VMFS, of which a client may ask.
func dressDatastore(r ref, isVsan bool) {
	ds := simulator.Map.Get(r).(*simulator.Datastore)
	ds.Summary.Type = "VMFS"
	if isVsan {
		ds.Summary.Type = "vsan"
		*ds.Capability.TopLevelDirectoryCreateSupported = false
	}
	ds.Summary.Url = "ds:///vmfs/volumes/" + newUuid() + "/"
	// The simulator knows the last one only.
	ds.Host = nil
	for _, entity := range simulator.Map.All("HostSystem") {
		if host, ok := entity.(*simulator.HostSystem); ok && simulator.FindReference(host.Datastore, r) != nil {
			ds.Host = append(ds.Host, types.DatastoreHostMount{Key: host.Self, MountInfo: types.HostMountInfo{
				AccessMode: string(types.HostMountModeReadWrite), Mounted: types.NewBool(true), Accessible: types.NewBool(true),
			}})
		}
	}
	multiple := len(ds.Host) > 1
	ds.Summary.MultipleHostAccess = &multiple
}

func moveIntoPod(pod, ds ref) error {
	_, fault := invokeTask(&types.MoveIntoFolder_Task{This: pod, List: []ref{ds}})
	if fault != nil {
		return fmt.Errorf("moving %s into its datastore cluster: %T", ds.Value, fault)
	}
	return nil
}

// datacenterOf climbs from an entity to its datacenter; nil above all datacenters.
func datacenterOf(r ref) *simulator.Datacenter {
	for {
		object, ok := simulator.Map.Get(r).(mo.Entity)
		if !ok {
			return nil
		}
		if center, ok := object.(*simulator.Datacenter); ok {
			return center
		}
		if object.Entity().Parent == nil {
			return nil
		}
		r = *object.Entity().Parent
	}
}
