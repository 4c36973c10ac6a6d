using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

/// <summary>What the agent is compared with, each by the name that the tables use.</summary>
/// <param name="rawFile">A volume that holds a <see cref="RawFile"/>.</param>
internal sealed class Baselines(WorkFolder work, SshServer server, SourceVolume rawFile)
{
    public const string TarFastName = "tar gcm";
    public const string RawName = "dd gcm";
    public const string RsyncName = "rsync gcm";

    public IContender TarFast { get; } = new TarContender(TarFastName, work, server, SshServer.FastCipher, Fidelity.Full);

    public IContender TarDefault { get; } = new TarContender("tar default", work, server, SshServer.DefaultCipher, Fidelity.Full);

    public IContender TarPlain { get; } = new TarContender("tar plain gcm", work, server, SshServer.FastCipher, Fidelity.Plain);

    public IContender Rsync { get; } = new RsyncContender(RsyncName, work, server);

    public IContender Raw { get; } = new RawContender(RawName, work, server, rawFile);
}
