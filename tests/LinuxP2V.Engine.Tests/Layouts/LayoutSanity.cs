using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>What holds of every plan.</summary>
internal static class LayoutSanity
{
    private const string BiosBoot = "21686148-6449-6e6f-744e-656564454649";

    public static void Check(ConversionTask task)
    {
        var layout = task.Plan.Layout;
        Assert.Equal(layout.Disks.Select(disk => disk.SizeBytes), task.Plan.Machine.Disks.Select(disk => disk.SizeBytes));
        Assert.Equal(Enumerable.Range(0, layout.Disks.Count), layout.Disks.Select(disk => disk.Number));
        Assert.Equal(layout.Volumes.Count, layout.Volumes.Select(volume => volume.Id).Distinct().Count());
        Assert.Contains(layout.Volumes, volume => volume.MountPoint == "/");
        Assert.Equal(0, layout.Disks.Single(disk => disk.IsBootDisk).Number);
        Assert.Equal(layout.VolumeGroups.Count, layout.VolumeGroups.Select(group => group.Name).Distinct().Count());
        foreach (var disk in layout.Disks)
            CheckDisk(disk, layout.Firmware);

        foreach (var sharing in layout.Volumes.GroupBy(volume => volume.Device))
            CheckDevice([.. sharing], layout);
    }

    private static void CheckDisk(TargetDisk disk, Firmware firmware)
    {
        Assert.Equal(disk.Partitions.Count, disk.Partitions.Select(partition => partition.Number).Distinct().Count());
        Assert.All(disk.Partitions, partition => Assert.True(partition.StartBytes + partition.SizeBytes <= disk.SizeBytes));
        var data = disk
            .Partitions.Where(partition => disk.PartitionTable == PartitionTableKind.Gpt || partition.Type is not ("05" or "0f" or "5"))
            .OrderBy(partition => partition.StartBytes)
            .ToList();
        for (var index = 1; index < data.Count; index++)
            Assert.True(data[index].StartBytes >= data[index - 1].StartBytes + data[index - 1].SizeBytes);

        if (disk.PartitionTable == PartitionTableKind.Mbr)
            Assert.All(disk.Partitions, partition => Assert.True(partition.StartBytes + partition.SizeBytes <= 2L << 40));

        if (disk is { PartitionTable: PartitionTableKind.Gpt, IsBootDisk: true } && firmware == Firmware.Bios)
            Assert.Contains(disk.Partitions, partition => partition.Type == BiosBoot);
    }

    private static void CheckDevice(List<TargetVolume> volumes, TargetLayout layout)
    {
        var device = volumes[0].Device;
        var size =
            device.VolumeGroup is { } group
                ? layout
                    .VolumeGroups.Single(candidate => candidate.Name == group)
                    .LogicalVolumes.Single(lv => lv.Name == device.LogicalVolume)
                    .SizeBytes
            : device.Partition is { } number
                ? layout.Disks[device.Disk!.Value].Partitions.Single(partition => partition.Number == number).SizeBytes
            : layout.Disks[device.Disk!.Value].SizeBytes;
        Assert.True(size >= volumes.Sum(volume => volume.UsedBytes), $"{volumes[0].Id} has {size} bytes");
        if (volumes.Count > 1)
        {
            Assert.All(volumes, volume => Assert.Equal(volumes[0].FileSystem, volume.FileSystem));
            Assert.Equal(volumes.Count, volumes.Select(volume => volume.Subvolume?.Path).Distinct().Count());
        }
    }
}
