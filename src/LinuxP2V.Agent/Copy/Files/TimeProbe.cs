using LinuxP2V.Agent.Platform;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Asks the copy's file system which times it holds: the kernel takes any, and makes the nearest of one that does not fit.
/// </summary>
internal sealed class TimeProbe(string targetPath) : IDisposable
{
    private const long Second = 1_000_000_000;

    /// <summary>FAT keeps every other second.</summary>
    private const long Unit = 2 * Second;

    private SafeFileHandle? file;

    /// <summary>What every file system holds: FAT from 1980 on, and old ones to 2038. All else is worth a question.</summary>
    public static bool IsOrdinary(Nanoseconds time) => time >= 315_619_200L * Second && time < (Nanoseconds)int.MaxValue * Second;

    /// <summary>Beyond 32 bits: what has another time in the copy may be the same file all the same.</summary>
    public static bool MayNotFit(Nanoseconds time) =>
        time < (Nanoseconds)int.MinValue * Second || time >= (Nanoseconds)int.MaxValue * Second;

    /// <returns>What the time becomes; the same, but for parts that the file system never keeps, where it holds it.</returns>
    public Nanoseconds Kept(Nanoseconds time)
    {
        file ??= Open();
        return NativeFiles.SetTimes(file, 0, time) == 0 && NativeFiles.Read(file, out var status) == 0 ? status.ModifyTime : time;
    }

    public bool Holds(Nanoseconds time) => Nanoseconds.Abs(Kept(time) - time) <= Unit;

    public void Dispose() => file?.Dispose();

    private SafeFileHandle Open()
    {
        var folder = Directory.CreateDirectory(Path.Combine(targetPath, FileMetadata.FolderName));
        return File.OpenHandle(Path.Combine(folder.FullName, "time"), FileMode.Create, FileAccess.Write);
    }
}
