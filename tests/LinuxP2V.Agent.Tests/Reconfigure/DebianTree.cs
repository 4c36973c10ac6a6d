using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Agent.Tests.Storage;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>
/// The files of a real Debian 12. Made once by mmdebstrap and kept in the folder LINUXP2V_TEST_CACHE names, or below the
/// temporary folder.
/// </summary>
internal static class DebianTree
{
    /// <param name="packages">With commas between.</param>
    /// <returns>Path of a tar archive.</returns>
    public static string Archive(string packages)
    {
        var folder = Environment.GetEnvironmentVariable("LINUXP2V_TEST_CACHE") is { Length: > 0 } named
            ? named
            : Path.Combine(Path.GetTempPath(), "linuxp2v-test-cache");
        // Named after what is in it: one from before a package was added would be taken for today's.
        var recipe = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(packages)))[..12];
        var archive = Path.Combine(folder, $"bookworm-{recipe}.tar");
        if (!File.Exists(archive))
        {
            Directory.CreateDirectory(folder);
            LoopDisks.Run("mmdebstrap", "--variant=minbase", $"--include={packages}", "bookworm", archive + ".part.tar");
            File.Move(archive + ".part.tar", archive);
        }

        return archive;
    }
}
