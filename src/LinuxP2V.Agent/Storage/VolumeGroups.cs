using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>
/// LVM on the copy's disks only: every command gets a filter that shows lvm nothing else, so that neither a helper's nor
/// a stranger's volume group of the same name is ever touched.
/// </summary>
internal sealed class VolumeGroups
{
    private readonly string configuration;

    /// <param name="devices">The block devices that may hold physical volumes.</param>
    public VolumeGroups(IEnumerable<string> devices)
    {
        var accept = string.Concat(
            devices.Distinct().Select(device => $"\"a|^{device.Replace(".", "\\.", StringComparison.Ordinal)}$|\", ")
        );
        // The helper has no udev: lvm makes its nodes itself and waits for nobody.
        configuration =
            "activation { udev_sync=0 udev_rules=0 monitoring=0 } "
            + "devices { use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source=\"none\" "
            + $"filter=[ \"a|.*|\" ] global_filter=[ {accept}\"r|.*|\" ] }} "
            + "backup { backup=0 archive=0 } global { system_id_source=\"none\" event_activation=0 }";
    }

    /// <summary>As lvm without udev makes it: /dev/mapper/vg-lv, with the dashes inside names doubled.</summary>
    public static string DevicePath(string group, string volume) => LayoutQueries.MapperPath(group, volume);

    /// <exception cref="AgentException">FormatFailed, or TargetDiskFull when the group has too few extents.</exception>
    public async Task CreateAsync(TargetVolumeGroup group, IReadOnlyList<string> physicalVolumes, CancellationToken cancellationToken)
    {
        foreach (var device in physicalVolumes)
        {
            (await RunAsync(cancellationToken, "pvcreate", "-ff", "-y", "-Z", "y", device)).OrThrow(
                ErrorIds.FormatFailed,
                $"{device} could not be made a physical volume of group {group.Name}.",
                "Read the tool's output; if the disk is in use, restart the helper VM and run the conversion again."
            );
        }

        (await RunAsync(cancellationToken, ["vgcreate", "-y", "-s", Bytes(group.ExtentSizeBytes), group.Name, .. physicalVolumes])).OrThrow(
            ErrorIds.FormatFailed,
            $"Volume group {group.Name} (extent size {group.ExtentSizeBytes} bytes) could not be created.",
            "Read the tool's output and run the conversion again."
        );
        foreach (var volume in group.LogicalVolumes)
        {
            var result = await RunAsync(
                cancellationToken,
                "lvcreate",
                "-y",
                "-W",
                "y",
                "-Z",
                "y",
                "-L",
                Bytes(volume.SizeBytes),
                "-n",
                volume.Name,
                group.Name
            );
            var isFull = result.Error.Contains("insufficient free space", StringComparison.OrdinalIgnoreCase);
            result.OrThrow(
                isFull ? ErrorIds.TargetDiskFull : ErrorIds.FormatFailed,
                $"Logical volume {group.Name}/{volume.Name} of {volume.SizeBytes} bytes "
                    + $"could not be created{(isFull ? ": the group is full" : "")}.",
                isFull
                    ? "Plan a larger disk or smaller volumes and run the conversion again."
                    : "Read the tool's output and run the conversion again."
            );
            await EnsureNodeAsync(group.Name, volume.Name, cancellationToken);
        }
    }

    /// <summary>Activates a group that exists and checks that its volumes have nodes.</summary>
    /// <exception cref="AgentException">MountFailed.</exception>
    public async Task ActivateAsync(TargetVolumeGroup group, CancellationToken cancellationToken)
    {
        (await RunAsync(cancellationToken, "vgchange", "-ay", group.Name)).OrThrow(
            ErrorIds.MountFailed,
            $"Volume group {group.Name} could not be activated.",
            "Read the tool's output; restart the helper VM and run the conversion again."
        );
        foreach (var volume in group.LogicalVolumes)
        {
            await EnsureNodeAsync(group.Name, volume.Name, cancellationToken);
        }
    }

    /// <exception cref="AgentException">MountFailed: something still uses a volume.</exception>
    public async Task DeactivateAsync(string group, CancellationToken cancellationToken) =>
        (await RunAsync(cancellationToken, "vgchange", "-an", group)).OrThrow(
            ErrorIds.MountFailed,
            $"Volume group {group} could not be deactivated.",
            "Something in the helper still uses it: restart the helper VM and run the conversion again."
        );

    /// <summary>The groups on the devices, also those that others made; empty where the helper has no lvm.</summary>
    public async Task<IReadOnlyList<string>> ListGroupsAsync(CancellationToken cancellationToken) =>
        Names(await RunAsync(cancellationToken, "vgs", "--noheadings", "-o", "vg_name"));

    /// <summary>Activates whatever group is on the devices; nodes of its volumes.</summary>
    public async Task<IReadOnlyList<string>> ActivateAllAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken, "vgchange", "-ay");
        var lines = (await RunAsync(cancellationToken, "lvs", "--noheadings", "--separator", "/", "-o", "vg_name,lv_name")).Output.Split(
            '\n'
        );
        return
        [
            .. lines
                .Select(line => line.Trim().Split('/'))
                .Where(parts => parts.Length == 2)
                .Select(parts => DevicePath(parts[0], parts[1])),
        ];
    }

    private async Task EnsureNodeAsync(string group, string volume, CancellationToken cancellationToken)
    {
        var node = DevicePath(group, volume);
        if (!File.Exists(node))
        {
            await RunAsync(cancellationToken, "vgmknodes", group);
        }

        if (!File.Exists(node))
        {
            throw new AgentException(
                ErrorIds.MountFailed,
                $"{node} did not appear after volume group {group} was activated.",
                "Restart the helper VM and run the conversion again."
            );
        }
    }

    private Task<ToolResult> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        Tool.RunAsync("lvm", [arguments[0], "--config", configuration, .. arguments.Skip(1)], cancellationToken);

    private static string Bytes(long size) => size.ToString(CultureInfo.InvariantCulture) + "b";

    private static string[] Names(ToolResult result) =>
        result.Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
