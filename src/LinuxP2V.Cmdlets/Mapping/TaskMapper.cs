using System.Management.Automation;
using System.Text;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's task as the object that users see, and as the text that -WhatIf prints.</summary>
internal static class TaskMapper
{
    /// <param name="server">The destination, where it is connected.</param>
    /// <param name="row">Of the source.</param>
    public static P2VTask ToObject(
        ConversionTask task,
        string definition,
        SessionSecrets? secrets,
        P2VServer? server = null,
        PSObject? row = null
    )
    {
        var machine = task.Plan.Machine;
        return new P2VTask(definition)
        {
            Name = task.Name,
            Source = task.Source.Host,
            Destination = task.Destination.Address,
            OperatingSystem = task.Facts.OperatingSystem.PrettyName.Plain(),
            Firmware = machine.Firmware.ToString(),
            NumCpu = machine.NumCpu,
            CoresPerSocket = machine.CoresPerSocket,
            MemoryGB = Sizes.ToGB(machine.MemoryBytes),
            CapacityGB = Sizes.ToGB(machine.Disks.Sum(d => d.SizeBytes)),
            UsedGB = Sizes.ToGB(task.Plan.Layout.Volumes.Where(v => v.MountPoint is not null).Sum(v => v.UsedBytes)),
            DiskStorageFormat = task.Settings.DiskFormat.ToString(),
            NetworkName = [.. machine.Adapters.Select(a => a.Network ?? "(default)")],
            MacAddress = [.. machine.Adapters.Select(a => a.MacAddress ?? P2VTask.GeneratedMacAddress)],
            Disks = [.. task.Plan.Layout.Disks.Select(d => ToDisk(d, task.Plan.Layout))],
            Volumes = [.. task.Plan.Layout.Volumes.Select(v => ToVolume(v, task.Plan.Layout))],
            Skipped =
            [
                .. task.Plan.Skipped.Select(s => new P2VSkippedVolume
                {
                    Name = (s.MountPoint ?? s.Device).Plain(),
                    Device = s.Device.Plain(),
                    Reason = PlainText.Line(s.Reason),
                }),
            ],
            StreamCount = task.Settings.Copy.StreamCount,
            Compression = EnumMapper.Map<P2VCompression>(task.Settings.Copy.Compression),
            BandwidthLimitMbps = task.Settings.Copy.BandwidthLimitMbps,
            LowImpact = task.Settings.Copy.LowImpact,
            Snapshot = task.Settings.Copy.Snapshot,
            CopyMode = EnumMapper.Map<P2VCopyMode>(task.Settings.Copy.Mode),
            AllowUnreadable = task.Settings.Copy.AllowUnreadable,
            SkipReconfiguration = task.Settings.SkipReconfiguration,
            Identity = task.Settings.NewIdentity ? P2VIdentity.New : P2VIdentity.Keep,
            GuestHostName = task.Settings.GuestHostName,
            GuestAddress = [.. task.Plan.Addresses.Select(Describe)],
            Hook = [.. task.Settings.Hooks.Select(HookMapper.ToObject)],
            AllowUnattended = task.Settings.AllowUnattended,
            PowerOn = task.Settings.PowerOn,
            StartDisconnected = task.Settings.StartDisconnected,
            Notes = task.Settings.Notes,
            Tag = [.. task.Settings.Tags],
            StoragePolicy = task.Settings.StoragePolicy,
            VirtualTpm = task.Settings.VirtualTpm,
            Secrets = secrets,
            Server = server,
            Row = row,
        };
    }

    /// <summary>
    /// Several lines: the VM, its disks and what goes onto them, the errors that stand in its way, and what the
    /// reconfiguration will change.
    /// </summary>
    public static string Describe(P2VTask task, IReadOnlyList<Finding> findings, IReadOnlyList<PlannedChange> changes)
    {
        var text = new StringBuilder();
        text.Append(
            FormattableString.Invariant($"Convert {task.Source} ({task.OperatingSystem}) to the VM '{task.Name}' in {task.Destination}: ")
        );
        text.Append(
            FormattableString.Invariant($"{task.NumCpu} CPU, {task.MemoryGB} GB memory, {task.Firmware}, {task.UsedGB} GB to copy")
        );
        foreach (var disk in task.Disks)
        {
            Line(text, 1, $"{disk}: {disk.CapacityGB} GB {task.DiskStorageFormat}, {disk.Controller}, {disk.PartitionTable}");
            foreach (var partition in disk.Partitions)
                Line(text, 2, $"{partition}: {partition.CapacityGB} GB, {partition.Content}");
        }

        foreach (var volume in task.Volumes)
        {
            var devices = $"from {volume.SourceDevice} to {volume.Device}";
            Line(text, 1, $"{volume.Name}: {volume.FileSystem}, {volume.CapacityGB} GB, {volume.UsedGB} GB used, {devices}");
        }

        foreach (var skipped in task.Skipped)
            Line(text, 1, $"not copied: {skipped.Name} ({skipped.Reason})");
        var copy = new List<string>();
        if (task.CopyMode != P2VCopyMode.Auto)
            copy.Add(task.CopyMode == P2VCopyMode.Block ? "by used blocks" : "file by file");
        if (task.Snapshot)
            copy.Add("from snapshots on the source");
        if (task.StreamCount is { } streams)
            copy.Add(FormattableString.Invariant($"by {streams} streams"));
        if (task.Compression != P2VCompression.Auto)
            copy.Add(
                task.Compression == P2VCompression.None ? "uncompressed" : $"compressed by {task.Compression.ToString().ToLowerInvariant()}"
            );
        if (task.BandwidthLimitMbps is { } limit)
            copy.Add(FormattableString.Invariant($"with {limit} Mbit/s at most"));
        if (task.LowImpact)
            copy.Add("at the lowest priority on the source");
        if (task.AllowUnreadable)
            copy.Add("without files that the source cannot read");
        if (copy.Count > 0)
            Line(text, 1, $"copied {string.Join(", ", copy)}");
        if (task.MacAddress.Any(address => address != P2VTask.GeneratedMacAddress))
            Line(text, 1, $"MAC addresses at the end: {string.Join(", ", task.MacAddress)}");
        if (task.StoragePolicy is { } policy)
            Line(text, 1, $"storage policy {policy}");
        if (task.VirtualTpm)
            Line(text, 1, $"an empty TPM");
        if (task.Tag.Length > 0)
            Line(text, 1, $"tags {string.Join(", ", task.Tag)}");
        if (task.StartDisconnected)
            Line(text, 1, $"the adapters are not connected when the VM starts");
        if (task.Identity == P2VIdentity.New)
            Line(text, 1, $"the copy becomes a machine of its own: other machine id, SSH host keys and names towards DHCP");
        if (task.GuestHostName is { } hostName)
            Line(text, 1, $"the copy is called {hostName}");
        foreach (var address in task.GuestAddress)
            Line(text, 1, $"the copy has other addresses: {address}");
        foreach (var hook in task.Hook)
            Line(text, 1, $"hook {hook.Name}: {HookMapper.Where(hook.Moment)}");
        if (task.SkipReconfiguration)
            Line(text, 1, $"no reconfiguration: the copy stays as the source is");
        foreach (var error in findings.Where(finding => finding.Severity == FindingSeverity.Error))
            Line(text, 1, $"error {error.Id}: {error.What} {error.Remedy}");
        foreach (var change in changes)
            Line(text, 1, $"changed in the copy: {change.Subject}: {change.What} ({change.Why})");
        return text.ToString();
    }

    private static string Describe(InterfaceAddresses one)
    {
        List<string> parts =
        [
            .. one.Dhcp ? ["DHCP"] : Array.Empty<string>(),
            .. one.Addresses,
            .. one.Gateways.Select(gateway => $"gateway {gateway}"),
            .. one.DnsServers.Select(server => $"DNS {server}"),
        ];
        return $"{one.Name}: {string.Join(", ", parts)}";
    }

    private static void Line(StringBuilder text, int depth, FormattableString line) =>
        text.AppendLine().Append(' ', depth * 2).Append(FormattableString.Invariant(line));

    private static P2VPlannedDisk ToDisk(TargetDisk disk, TargetLayout layout) =>
        new()
        {
            Number = disk.Number,
            CapacityGB = Sizes.ToGB(disk.SizeBytes),
            Controller = disk.Address.Controller.ToString(),
            PartitionTable = disk.PartitionTable.ToString(),
            Partitions =
            [
                .. disk.Partitions.Select(p => new P2VPlannedPartition
                {
                    Number = p.Number,
                    CapacityGB = Sizes.ToGB(p.SizeBytes),
                    Content = (ContentOf(DeviceReference.OnDisk(disk.Number, p.Number), layout) ?? p.Name ?? "type " + p.Type).Plain(),
                }),
            ],
        };

    private static string? ContentOf(DeviceReference device, TargetLayout layout) =>
        layout.Volumes.FirstOrDefault(v => v.Device == device) is { } volume
            ? volume.MountPoint is null
                ? "swap"
                : $"{Kind(volume)} {volume.MountPoint}"
            : layout.VolumeGroups.FirstOrDefault(g => g.PhysicalVolumes.Contains(device)) is { } group
                ? "volume group " + group.Name
                : null;

    private static P2VPlannedVolume ToVolume(TargetVolume volume, TargetLayout layout) =>
        new()
        {
            Name = volume.Id.Plain(),
            Device = volume.Device.ToString().Plain(),
            SourceDevice = volume.SourceDevice.Plain(),
            FileSystem = Kind(volume),
            CapacityGB = Sizes.ToGB(SizeOf(volume.Device, layout)),
            UsedGB = Sizes.ToGB(volume.UsedBytes),
        };

    private static string Kind(TargetVolume volume) => volume.FileSystem.Kind.ToString().ToLowerInvariant();

    private static long SizeOf(DeviceReference device, TargetLayout layout)
    {
        if (device.VolumeGroup is not null)
        {
            return layout
                    .VolumeGroups.Where(g => g.Name == device.VolumeGroup)
                    .SelectMany(g => g.LogicalVolumes)
                    .FirstOrDefault(v => v.Name == device.LogicalVolume)
                    ?.SizeBytes
                ?? 0;
        }

        var disk = layout.Disks.FirstOrDefault(d => d.Number == device.Disk);
        return device.Partition is null
            ? disk?.SizeBytes ?? 0
            : disk?.Partitions.FirstOrDefault(p => p.Number == device.Partition)?.SizeBytes ?? 0;
    }
}
