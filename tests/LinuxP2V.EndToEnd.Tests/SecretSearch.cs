using System.Globalization;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>Looks for canaries in all places that this machine shows. Each result says what was found and where.</summary>
internal static class SecretSearch
{
    /// <summary>Arguments and environments of all processes.</summary>
    public static IEnumerable<string> Processes(IReadOnlyList<Canary> canaries) =>
        from process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
        from file in new[] { "cmdline", "environ" }
        let bytes = TryRead(Path.Combine(process, file))
        from canary in canaries
        where canary.IsIn(bytes)
        select $"{canary.What} in {process}/{file}";

    /// <summary>All files below a folder.</summary>
    public static IEnumerable<string> Files(string folder, IReadOnlyList<Canary> canaries) =>
        from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        from canary in canaries
        where Holds(file, 0, new FileInfo(file).Length, canary)
        select $"{canary.What} in {file}";

    /// <summary>What a QEMU process has in memory, its VM's included.</summary>
    public static IEnumerable<string> Memory(int process, IReadOnlyList<Canary> canaries) =>
        from canary in canaries
        where Regions(process).Any(region => Holds($"/proc/{process}/mem", region.Start, region.End, canary))
        select $"{canary.What} in the memory of the helper";

    private static IEnumerable<(long Start, long End)> Regions(int process) =>
        from line in File.ReadLines($"/proc/{process}/maps")
        let range = line.Split(' ')[0].Split('-')
        where line.Split(' ')[1].StartsWith("rw", StringComparison.Ordinal) && !range[0].StartsWith("ffff", StringComparison.Ordinal)
        select (Number(range[0]), Number(range[1]));

    private static long Number(string hex) => long.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static bool Holds(string file, long start, long end, Canary canary)
    {
        try
        {
            using var handle = File.OpenHandle(file);
            var buffer = new byte[4 << 20];
            var overlap = canary.Forms.Max(form => form.Length);
            for (var at = start; at < end; at += buffer.Length - overlap)
            {
                var count = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
                if (canary.IsIn(buffer.AsSpan(0, count)))
                    return true;
                if (count == 0)
                    return false;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A socket, or memory of a device.
        }

        return false;
    }

    private static byte[] TryRead(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
