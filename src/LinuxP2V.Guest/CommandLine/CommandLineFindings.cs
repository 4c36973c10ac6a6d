using System.Globalization;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>Words that may stay and that the admin should know of: they fit the source's hardware and perhaps not the VM's.</summary>
internal static class CommandLineFindings
{
    private const long KiB = 1024;
    private const long GiB = KiB * KiB * KiB;
    private const long DefaultHugePageBytes = 2 * KiB * KiB;

    /// <summary>Of machines and of other hypervisors.</summary>
    private static readonly string[] SerialPorts = ["ttyS", "hvc", "xvc", "ttyAMA"];

    /// <param name="words">Those that stay on one command line.</param>
    public static IEnumerable<Finding> Of(IReadOnlyList<string> words, DeviceMap devices)
    {
        var line = words.Select(KernelWord.Parse).ToList();
        return SerialConsole(line)
            .Concat(HugePages(line, devices.Options.MemoryBytes))
            .Concat(Memory(line, devices.Options.MemoryBytes))
            .Concat(Verity(line));
    }

    /// <summary>512M, 4G, 0x1000 or plain bytes; null for anything else.</summary>
    public static long? Bytes(string text)
    {
        var unit = text.Length > 0 ? "KMGT".IndexOf(char.ToUpperInvariant(text[text.Length - 1])) + 1 : 0;
        var digits = unit > 0 ? text[..^1] : text;
        return
            long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue >> (10 * unit)
            ? number << (10 * unit)
            : null;
    }

    private static IEnumerable<Finding> SerialConsole(List<KernelWord> line)
    {
        var consoles = line.Where(word => word is { Name: "console", Value: not null }).ToList();
        var serial = consoles.Where(word => SerialPorts.Any(port => word.Value!.StartsWith(port, StringComparison.Ordinal))).ToList();
        if (serial.Count == 0)
            yield break;

        yield return consoles[consoles.Count - 1] == serial[serial.Count - 1]
            ? Warning(
                "SerialConsole",
                serial[serial.Count - 1].Text,
                $"{serial[serial.Count - 1].Text} sends the messages of the start to a serial port. The VM's screen shows none of them.",
                "Add a serial port to the VM, or put console=tty0 behind it on the kernel's command line."
            )
            : new Finding(
                FindingSeverity.Information,
                "SerialConsole",
                serial[0].Text,
                $"{serial[0].Text} names a serial port. A VM has none unless it is added.",
                "Add a serial port to the VM if messages are wanted there."
            );
    }

    private static IEnumerable<Finding> HugePages(List<KernelWord> line, long? memory)
    {
        var size = line.LastOrDefault(word => word.Name == "default_hugepagesz")?.Value is { } standard ? Bytes(standard) : null;
        foreach (var word in line)
        {
            if (word is { Name: "hugepagesz", Value: { } given })
                size = Bytes(given);

            if (
                word is not { Name: "hugepages", Value: { } text }
                || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            )
                continue;

            var page = size ?? DefaultHugePageBytes;
            if (count == 0 || count > long.MaxValue / page)
                continue;

            var bytes = count * page;
            if (memory is null ? bytes >= GiB : bytes > memory / 2)
            {
                yield return Warning(
                    "MemoryReservation",
                    word.Text,
                    $"{word.Text} takes {InGiB(bytes)} of memory at the "
                        + $"start{(memory is { } has ? $", and the VM has {InGiB(has)}" : "")}.",
                    "Give the VM more memory than that, or lower the number on the kernel's command line."
                );
            }
        }
    }

    private static IEnumerable<Finding> Memory(List<KernelWord> line, long? memory)
    {
        foreach (var word in line)
        {
            if (word is { Name: "memmap", Value: { } map } && map.IndexOfAny(['!', '$', '#']) >= 0)
            {
                yield return Warning(
                    "MemoryReservation",
                    word.Text,
                    $"{word.Text} sets aside addresses of the source's memory; the VM's memory lies otherwise.",
                    "Remove it from the kernel's command line unless it was made for a VM."
                );
            }

            if (memory is not { } has || word.Value is null)
                continue;

            if (word.Name == "mem" && Bytes(word.Value) is { } limit && limit < has)
            {
                yield return Warning(
                    "MemoryReservation",
                    word.Text,
                    $"{word.Text} lets the VM use {InGiB(limit)} of its {InGiB(has)} of memory.",
                    "Remove it from the kernel's command line to use all."
                );
            }

            if (word.Name == "crashkernel" && Bytes(word.Value.Split('@', ',')[0]) is { } reserved && reserved > has / 2)
            {
                yield return Warning(
                    "MemoryReservation",
                    word.Text,
                    $"{word.Text} sets aside {InGiB(reserved)} for crash dumps, and the VM has {InGiB(has)}.",
                    "Give the VM more memory, or lower the number on the kernel's command line."
                );
            }
        }
    }

    private static IEnumerable<Finding> Verity(List<KernelWord> line) =>
        line.Where(word => word.Name is "roothash" or "usrhash" or "dm-mod.create")
            .Select(word =>
                Warning(
                    "VerityNotKept",
                    word.Text,
                    $"{word.Text} names a device of the device mapper that the copy does not have.",
                    "Start the source without it before the conversion, or remove it from the copy's command line."
                )
            );

    private static string InGiB(long bytes) => string.Format(CultureInfo.InvariantCulture, "{0:0.#} GiB", (double)bytes / GiB);

    private static Finding Warning(string id, string subject, string what, string remedy) =>
        new(FindingSeverity.Warning, id, subject, what, remedy);
}
