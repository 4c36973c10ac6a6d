using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Operating system, hardware and kernels.</summary>
internal static class SystemReader
{
    private static readonly Dictionary<string, string> DriverOfOption = new()
    {
        ["VMWARE_PVSCSI"] = "vmw_pvscsi",
        ["VMXNET3"] = "vmxnet3",
        ["FUSION_SAS"] = "mptsas",
        ["FUSION_SPI"] = "mptspi",
        ["SATA_AHCI"] = "ahci",
        ["BLK_DEV_NVME"] = "nvme",
        ["SCSI_VIRTIO"] = "virtio_scsi",
        ["VIRTIO_BLK"] = "virtio_blk",
        ["VIRTIO_NET"] = "virtio_net",
        ["E1000"] = "e1000",
        ["E1000E"] = "e1000e",
    };

    public static OperatingSystemFacts ReadOperatingSystem(ProbeOutput output)
    {
        var uname = output.Lines("uname").Where(line => line.Length > 0).ToList();
        var release =
            ReadOsRelease(output.File("/etc/os-release")) ?? ReadOsRelease(output.File("/usr/lib/os-release")) ?? ReadOldRelease(output);
        return release with
        {
            RunningKernel = uname.Count > 1 ? uname[1] : "",
            Architecture = uname.Count > 2 ? uname[2] : "",
            MachineId = output.FirstLine("file", "/etc/machine-id") ?? output.FirstLine("file", "/var/lib/dbus/machine-id"),
        };
    }

    public static HardwareFacts ReadHardware(ProbeOutput output)
    {
        var firmware = output.Lines("firmware");
        var secureBoot = firmware.FirstOrDefault(line => line.StartsWith("secureboot ", StringComparison.Ordinal));
        var cpu = output.Lines("cpu").Where(line => line.Length > 0).ToList();
        var dmi = output.Section("dmi");
        return new HardwareFacts
        {
            Firmware = firmware.Contains("uefi") ? Firmware.Uefi : Firmware.Bios,
            // efivarfs puts four bytes of attributes before the value; the value is the last byte either way.
            SecureBoot =
                secureBoot is null ? null
                : ProbeText.Words(secureBoot) is { Length: > 1 } words ? words[words.Length - 1] == "1"
                : null,
            HasTpm = firmware.Contains("tpm"),
            CpuCount = (int)Math.Max(1, (cpu.Count > 0 ? ProbeText.Number(cpu[0]) : null) ?? 1),
            SocketCount = cpu.Count(IsSocket) is > 0 and var sockets ? sockets : null,
            CpuModel = cpu.Skip(1).FirstOrDefault(line => !IsSocket(line)) is { } model
                ? ProbeText.NullIfEmpty(model.Substring(model.IndexOf(':') + 1))
                : null,
            MemoryBytes =
                (ProbeText.Words(output.FirstLine("memory") ?? "") is { Length: >= 2 } memory ? ProbeText.Number(memory[1]) ?? 0 : 0)
                * 1024,
            Manufacturer = ProbeText.NullIfEmpty(dmi["sys_vendor"]),
            Product = ProbeText.NullIfEmpty(dmi["product_name"]),
        };
    }

    private static bool IsSocket(string line) => line.StartsWith("socket ", StringComparison.Ordinal);

    public static IReadOnlyList<KernelFacts> ReadKernels(ProbeOutput output, ReadingProblems problems) =>
        problems.ReadEach(output.All("kernel"), section => $"kernel {section.Argument}", ReadKernel);

    private static KernelFacts ReadKernel(ProbeSection section)
    {
        // The probe names the list that the following modules are from.
        var listed = section.Lines.SkipWhile(line => line != "list=modules.builtin").ToList();
        var builtIn = section
            .All("config")
            .Select(option => Regex.Match(option, "^CONFIG_([A-Z0-9_]+)=y").Groups[1].Value)
            .Select(option => DriverOfOption.TryGetValue(option, out var driver) ? driver : "")
            .Concat(new ProbeSection(section.Name, section.Argument, listed).All("module").Select(NameOfModule))
            .ToList();
        return new KernelFacts(
            section.Argument,
            section["image"],
            section["initramfs"],
            Known(section.All("module").Select(NameOfModule).Concat(builtIn))
        )
        {
            BuiltInDrivers = Known(builtIn),
            IsModuleListMissing = section.All("lacks").Contains("modules.dep"),
        };
    }

    private static string NameOfModule(string path) => Regex.Match(path, @"([^/]+)\.ko(\.\w+)?$").Groups[1].Value.Replace('-', '_');

    private static IReadOnlyList<string> Known(IEnumerable<string> drivers) =>
        [.. drivers.Where(DriverOfOption.ContainsValue).Distinct().OrderBy(driver => driver, StringComparer.Ordinal)];

    private static OperatingSystemFacts? ReadOsRelease(IReadOnlyList<string> lines)
    {
        var values = new Dictionary<string, string>();
        foreach (var line in lines.Select(line => line.Trim()))
        {
            var equals = line.IndexOf('=');
            if (equals > 0 && line[0] != '#')
                values[line.Substring(0, equals)] = Unquote(line.Substring(equals + 1).Trim());
        }

        string? Value(string name) => values.TryGetValue(name, out var value) ? ProbeText.NullIfEmpty(value) : null;
        if (Value("ID") is not { } id)
            return null;

        return Create(
            id.ToLowerInvariant(),
            Value("VERSION_ID"),
            Value("PRETTY_NAME") ?? Value("NAME") ?? id,
            ProbeText.Words(Value("ID_LIKE") ?? "")
        );
    }

    /// <summary>Machines from before 2012 tell in a sentence: "CentOS release 6.10 (Final)".</summary>
    private static OperatingSystemFacts ReadOldRelease(ProbeOutput output)
    {
        if (output.FirstLine("file", "/etc/redhat-release") is { } redHat)
        {
            var id =
                redHat.StartsWith("CentOS", StringComparison.OrdinalIgnoreCase) ? "centos"
                : redHat.StartsWith("Fedora", StringComparison.OrdinalIgnoreCase) ? "fedora"
                : redHat.StartsWith("Oracle", StringComparison.OrdinalIgnoreCase) ? "ol"
                : redHat.StartsWith("Scientific", StringComparison.OrdinalIgnoreCase) ? "scientific"
                : "rhel";
            return Create(id, Version(redHat), redHat, id == "rhel" ? ["fedora"] : ["rhel", "fedora"]);
        }

        if (output.FirstLine("file", "/etc/SuSE-release") is { } suse)
        {
            var level = output.File("/etc/SuSE-release").FirstOrDefault(line => line.StartsWith("PATCHLEVEL", StringComparison.Ordinal));
            var version = Version(suse);
            var patch = level is null ? null : Version(level);
            return Create(
                suse.IndexOf("Enterprise", StringComparison.Ordinal) >= 0 ? "sles" : "opensuse",
                patch is null or "0" ? version : $"{version}.{patch}",
                suse,
                ["suse"]
            );
        }

        if (output.FirstLine("file", "/etc/debian_version") is { } debian)
            return Create("debian", debian, $"Debian GNU/Linux {debian}", []);

        var issue = output.FirstLine("file", "/etc/issue");
        return Create("linux", null, issue is null ? "Linux" : Regex.Replace(issue, @"\\\w", "").Trim(), []);
    }

    private static OperatingSystemFacts Create(string id, string? version, string name, string[] idLike) =>
        new()
        {
            Id = id,
            VersionId = version,
            PrettyName = name,
            IdLike = idLike,
            RunningKernel = "",
            Architecture = "",
        };

    private static string? Version(string text) => Regex.Match(text, @"\d+(\.\d+)*") is { Success: true } match ? match.Value : null;

    private static string Unquote(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[value.Length - 1] == value[0]
            ? Regex.Replace(value.Substring(1, value.Length - 2), @"\\([""$`\\])", "$1")
            : value;
}
