using LinuxP2V.Lab;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// The helper image with one thing more: once, in mid-copy, it kills its own agent. The helper lets nobody in but the
/// engine, so that the killer has to come with it: a last archive of the initramfs, which goes over the ones before it.
/// </summary>
internal static class AgentKillingImage
{
    private const string Wrapper = """
        #!/bin/sh
        # Stands in for the agent: kills it once, some seconds into the first copy.
        if [ "$1" = boot ] && mkdir /run/agent-killer 2>/dev/null; then
          ( until pidof tar; do sleep 1; done; sleep 4; until pidof tar; do :; done
            echo "agent-killer: killing the agent" > /dev/ttyS0 && kill -9 $(pidof linuxp2v-agent.real) ) > /dev/null 2>&1 &
        fi
        exec /usr/bin/linuxp2v-agent.real "$@"

        """;

    public static async Task<string> MakeAsync(string image, string folder)
    {
        var tree = Directory.CreateDirectory(Path.Combine(folder, "tree", "usr", "bin")).FullName;
        var initramfs = Path.Combine(folder, "helper.img");
        var result = Path.Combine(folder, "agent-killing.iso");
        await File.WriteAllTextAsync(Path.Combine(tree, "linuxp2v-agent"), Wrapper);
        var script = $"""
            set -e
            xorriso -osirrox on -indev '{image}' -extract /boot/helper.img helper.img
            chmod +w helper.img
            # The agent is the only file of the image's last archive: this takes it out under another name.
            cp '{Path.Combine(LabPaths.Lab, "agent", "linuxp2v-agent")}' tree/usr/bin/linuxp2v-agent.real
            chmod 755 tree/usr/bin/*
            (cd tree && printf '%s\n' usr/bin/linuxp2v-agent usr/bin/linuxp2v-agent.real | cpio --quiet -o -H newc) |
              zstd -q -3 >> helper.img
            xorriso -indev '{image}' -outdev '{result}' -boot_image any replay -map helper.img /boot/helper.img
            """;
        (await Command.RunAsync("sh", ["-c", $"cd '{folder}' && {script}"], CancellationToken.None)).OrThrow("The image was not changed");
        Assert.True(File.Exists(initramfs));
        return result;
    }
}
