package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

const sectorSize = 512

func flatFile(descriptor string) string {
	return strings.TrimSuffix(descriptor, ".vmdk") + "-flat.vmdk"
}

// formatDisk gives the files that the simulator left empty their size and meaning: a descriptor and a sparse raw extent,
// thin or thick as asked.
func formatDisk(disk *types.VirtualDisk) error {
	backing := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	descriptor := fileOf(backing.FileName)
	capacity := capacityOfDisk(disk)
	if err := os.Truncate(flatFile(descriptor), capacity); err != nil {
		return err
	}
	return os.WriteFile(descriptor, []byte(descriptorText(descriptor, capacity, isTrue(backing.ThinProvisioned))), 0o600)
}

func descriptorText(descriptor string, capacity int64, thin bool) string {
	var id [4]byte
	_, _ = rand.Read(id[:])
	flat := flatFile(descriptor)
	lines := []string{
		"# Disk DescriptorFile",
		"version=1",
		fmt.Sprintf("CID=%x", id),
		"parentCID=ffffffff",
		`createType="vmfs"`,
		fmt.Sprintf("RW %d VMFS %q", capacity/sectorSize, flat[strings.LastIndex(flat, "/")+1:]),
		`ddb.adapterType = "lsilogic"`,
		`ddb.virtualHWVersion = "19"`,
	}
	if thin {
		lines = append(lines, `ddb.thinProvisioned = "1"`)
	}
	return strings.Join(lines, "\n") + "\n"
}

func capacityOfDisk(disk *types.VirtualDisk) int64 {
	if disk.CapacityInBytes != 0 {
		return disk.CapacityInBytes
	}
	return disk.CapacityInKB * 1024
}

func isTrue(value *bool) bool { return value != nil && *value }
