using System.Text.RegularExpressions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Reconfiguration;

/// <summary>What the rules for guests must know of a task.</summary>
internal static class ReconfigurationInput
{
    private static readonly Regex LoaderPath = new(
        @"\\EFI\\[^\s()\\]+\\[^\s()\\]+?\.efi",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    );

    /// <param name="addresses">Of the VM's adapters, in their order; those that are missing are not known yet.</param>
    /// <param name="isForced">The admin goes on where the copy would not boot.</param>
    public static ReconfigureOptions Of(ConversionTask task, IReadOnlyList<string?> addresses, bool isForced = false) =>
        new()
        {
            Force = isForced,
            RunningKernel = task.Facts.OperatingSystem.RunningKernel,
            Adapters =
            [
                .. task.Plan.Adapters.Select(
                    (adapter, index) =>
                        new AdapterMapping(
                            adapter.Name,
                            adapter.MacAddress,
                            task.Plan.Machine.Adapters.ElementAtOrDefault(index)?.MacAddress ?? addresses.ElementAtOrDefault(index)
                        )
                        {
                            SourceDriver = adapter.Driver,
                            SourceSlot = adapter.PciAddress,
                        }
                ),
            ],
            Dropped =
            [
                .. task
                    .Plan.Skipped.Where(skipped => skipped.IsSelected)
                    .Select(skipped => new DroppedDevice(skipped.Device, skipped.Uuid, skipped.MountPoint)),
            ],
            Replaced = task.Plan.Replaced,
            BootedLoader = LoaderOf(task.Facts.Boot.CurrentEfiEntry),
            MemoryBytes = task.Plan.Machine.MemoryBytes,
            Addresses = task.Plan.Addresses,
            Hooks = [.. task.Settings.Hooks.Where(hook => hook.Moment != HookMoment.BeforeCopy)],
            Identity = new GuestIdentity { IsNew = task.Settings.NewIdentity, HostName = task.Settings.GuestHostName },
        };

    /// <param name="entry">As efibootmgr prints it: Boot0001* debian HD(1,GPT,…)/File(\EFI\debian\shimx64.efi).</param>
    private static string? LoaderOf(string? entry) => LoaderPath.Match(entry ?? "") is { Success: true } match ? match.Value : null;
}
