using LinuxP2V.Lab;
using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

internal static class FreshFolder
{
    /// <summary>The empty folder of a run. Machines that an earlier, broken run left in it are ended first.</summary>
    public static async Task<string> MakeAsync(string name)
    {
        var folder = LabPaths.Run(name);
        await QemuMachine.KillAllBelowAsync(folder);
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return folder;
    }
}
