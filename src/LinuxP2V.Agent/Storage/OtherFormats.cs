using System.Globalization;

namespace LinuxP2V.Agent.Storage;

/// <summary>The commands for FAT and swap.</summary>
internal static class OtherFormats
{
    public static FormatCommand Vfat(FormatJob job)
    {
        var arguments = new List<string>();
        Add(arguments, "-F", job.Spec.FatBits?.ToString(CultureInfo.InvariantCulture));
        Add(arguments, "-i", job.Spec.Uuid?.Replace("-", "", StringComparison.Ordinal));
        Add(arguments, "-n", job.Spec.Label);
        return new FormatCommand("mkfs.vfat", [.. arguments, job.Device]);
    }

    public static FormatCommand Swap(FormatJob job)
    {
        var arguments = new List<string> { "-f" };
        Add(arguments, "-U", job.Spec.Uuid);
        Add(arguments, "-L", job.Spec.Label);
        return new FormatCommand("mkswap", [.. arguments, job.Device]);
    }

    private static void Add(List<string> arguments, string option, string? value)
    {
        if (value is { Length: > 0 })
        {
            arguments.AddRange([option, value]);
        }
    }
}
