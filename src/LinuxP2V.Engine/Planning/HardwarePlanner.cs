using System.Globalization;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>The VM around the disks: name, processors, memory, network adapters.</summary>
internal static class HardwarePlanner
{
    private const int MaximumCpus = 64;
    private const int MaximumCoresPerSocket = 64;
    private const int MaximumAdapters = 10;
    private const int OldestHardwareWithTpm = 14;
    private const int MaximumNameLength = 80;
    private const string Refused = "%/\\:*?\"<>|";
    private const long MemoryUnit = 4 * ByteSize.MiB;
    private const long DefaultMinimumMemory = ByteSize.GiB;

    /// <summary>The helper unpacks into memory; with less it starts and silently lacks files.</summary>
    private const long HelperMemory = 768 * ByteSize.MiB;

    /// <summary>The asked name as it is, or the host's without its domain and without what vSphere or a folder refuses.</summary>
    /// <exception cref="P2VException">PlanNotPossible: the asked name cannot be a VM's.</exception>
    public static string Name(string? asked, string hostName)
    {
        var possible = Clean(asked ?? hostName.Split('.')[0]);
        if (asked is null)
            return possible.Length > 0 ? possible : "linux";

        return possible == asked && asked.Length > 0
            ? asked
            : throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{asked}' cannot be the name of a VM.",
                $"Give -Name 1 to {MaximumNameLength} characters without any of {Refused} and without a blank or a dot at its ends.",
                asked
            );
    }

    private static string Clean(string name)
    {
        var cleaned = new string([.. name.Select(c => char.IsControl(c) || Refused.Contains(c) ? '-' : c)]).Trim(' ', '.');
        return cleaned.Length > MaximumNameLength ? cleaned.Substring(0, MaximumNameLength).Trim(' ', '.') : cleaned;
    }

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static int CpuCount(int? asked, HardwareFacts hardware) =>
        asked switch
        {
            null => Math.Min(Math.Max(1, hardware.CpuCount), MaximumCpus),
            < 1 => throw new P2VException(ErrorIds.PlanNotPossible, $"-NumCpu is {asked}.", "Give at least 1."),
            _ => asked.Value,
        };

    /// <param name="asked">0: the destination's choice.</param>
    /// <returns>Null: the destination's choice.</returns>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static int? CoresPerSocket(int? asked, int cpuCount, HardwareFacts hardware)
    {
        if (asked is { } cores)
        {
            return cores == 0 ? null
                : cores > 0 && cpuCount % cores == 0 ? cores
                : throw new P2VException(
                    ErrorIds.PlanNotPossible,
                    $"{cpuCount} processors cannot be divided into sockets of {cores} cores.",
                    "Give -CoresPerSocket a divisor of -NumCpu, or 0 for the destination's choice."
                );
        }

        // One core a socket is what a hypervisor says that was not told better.
        return
            hardware.SocketCount is { } sockets
            && cpuCount % sockets == 0
            && cpuCount / sockets is > 1 and <= MaximumCoresPerSocket and var each
            ? each
            : null;
    }

    /// <exception cref="P2VException">HelperMemoryTooSmall.</exception>
    public static long Memory(long? asked, HardwareFacts hardware)
    {
        if (asked is { } memory && memory < HelperMemory)
        {
            throw new P2VException(
                ErrorIds.HelperMemoryTooSmall,
                $"The VM would have {ByteSize.Format(memory)} of memory; the helper, which runs in it first, needs "
                    + $"{ByteSize.Format(HelperMemory)}.",
                "Give it at least 0.75 GB with -MemoryGB; it can be made smaller once the conversion is complete."
            );
        }

        return ByteSize.RoundUp(asked ?? Math.Max(hardware.MemoryBytes, DefaultMinimumMemory), MemoryUnit);
    }

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    /// <param name="hardwareVersion">vmx-19; null: the host's choice, which is new enough on all servers that have TPMs.</param>
    public static void CheckTpm(bool asked, Firmware firmware, string? hardwareVersion)
    {
        if (
            asked
            && hardwareVersion?.Split('-') is [_, var digits]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < OldestHardwareWithTpm
        )
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"A virtual TPM needs the virtual hardware vmx-{OldestHardwareWithTpm} or newer, but -HardwareVersion is "
                    + $"{hardwareVersion}.",
                "Give a newer one with -HardwareVersion, or leave -VirtualTpm out."
            );

        if (asked && firmware != Firmware.Uefi)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                "A virtual TPM needs UEFI, but the source starts by BIOS, and so does its copy.",
                "Leave -VirtualTpm out."
            );
    }

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void CheckAttributes(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.Keys.FirstOrDefault(name => name.Trim().Length == 0 || name.Length > MaximumNameLength) is { } wrong)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{wrong}' cannot be the name of a custom attribute.",
                $"Give -CustomAttribute names of 1 to {MaximumNameLength} characters."
            );

        if (attributes.Keys.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The custom attribute {twice.Key} is given twice: its names differ by case alone.",
                "Give -CustomAttribute each name once."
            );
    }

    /// <summary>The source's adapters that get one in the VM. None is no error: the helper brings its own.</summary>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static IReadOnlyList<NetworkAdapterFacts> SourceAdapters(NetworkFacts network)
    {
        var physical = network.Adapters.Where(adapter => adapter.IsPhysical).ToList();
        if (physical.Count > MaximumAdapters)
            physical = [.. physical.Where(adapter => adapter.IsUp)];

        return physical.Count <= MaximumAdapters
            ? physical
            : throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{physical.Count} network adapters of the source are up; a VM has {MaximumAdapters} at most.",
                "Take adapters of the source down that the VM does not need, and read it again with Get-P2VSource."
            );
    }

    /// <summary>Networks as they were asked for: none, one for all adapters, or one for each.</summary>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static IReadOnlyList<string> Networks(TaskSettings settings, IReadOnlyList<NetworkAdapterFacts> source) =>
        settings.NetworkNames.Count > 0 && settings.NetworkMappings.Count > 0
            ? throw new P2VException(
                ErrorIds.PlanNotPossible,
                "-NetworkName and -NetworkMapping both say which networks the adapters get.",
                "Give one of them."
            )
        : settings.NetworkMappings.Count > 0 ? NetworkMapping.Read(settings.NetworkMappings, source)
        : settings.NetworkNames;

    /// <exception cref="P2VException">PlanNotPossible: as many names as adapters, or one, or none.</exception>
    public static IReadOnlyList<AdapterSpecification> Adapters(
        AdapterKind kind,
        IReadOnlyList<NetworkAdapterFacts> source,
        IReadOnlyList<string> networks,
        IReadOnlyList<string> macAddresses
    )
    {
        var count = Math.Max(1, source.Count);
        if (networks.Count > 1 && networks.Count != count)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{networks.Count} network names were given, but the VM has {count} network adapter{(count == 1 ? "" : "s")}.",
                $"Give one -NetworkName for all of them, or {count}."
            );
        }

        var addresses = MacAddressChoice.Read(macAddresses, source, count);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(index => new AdapterSpecification(kind, networks.Count == 0 ? null : networks[networks.Count == 1 ? 0 : index])
                {
                    MacAddress = addresses[index],
                }),
        ];
    }
}
