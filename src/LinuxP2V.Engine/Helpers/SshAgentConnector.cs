using System.Text;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Helpers;

/// <summary>Speaks with the agent over SSH. The helper's sshd runs the agent whatever command is asked for.</summary>
internal sealed class SshAgentConnector : IAgentConnector
{
    public async Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken)
    {
        var target = new SshTarget
        {
            Host = helper.Host,
            Port = helper.Port,
            User = "root",
            Secrets = new SourceSecrets { PrivateKey = key.PrivateKey },
            Trust = new ExactKeyTrust(helper.HostKey),
            Role = SshRole.Helper,
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        SshConnection? connection = null;
        try
        {
            connection = await SshConnection.ConnectAsync(target, NullConsole.Instance, cancellationToken).ConfigureAwait(false);
            return new Channel(connection, await connection.StartAsync("attach", CancellationToken.None).ConfigureAwait(false));
        }
        catch (P2VException exception) when (exception.ErrorId == ErrorIds.HelperConnectionLost)
        {
            connection?.Dispose();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private sealed class Channel : IAgentChannel
    {
        private readonly SshConnection connection;
        private readonly SshProcess process;
        private readonly LinePump lines;

        public Channel(SshConnection connection, SshProcess process)
        {
            this.connection = connection;
            this.process = process;
            lines = new LinePump(process.Output);
        }

        public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
        {
            var bytes = Encoding.UTF8.GetBytes(line + "\n");
            await process.Input.WriteAsync(bytes, 0, bytes.Length, cancellationToken).ConfigureAwait(false);
            await process.Input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public Task<string?> ReadLineAsync(CancellationToken cancellationToken) => lines.ReadLineAsync(cancellationToken);

        public void Dispose()
        {
            process.Dispose();
            connection.Dispose();
        }
    }
}
