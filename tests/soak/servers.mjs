// Two PostgreSQL servers, of which one is the primary and the other its synchronous standby, and what
// happens to servers. Each blow is over when the two stand side by side again.
//
//   const servers = await Servers.start(t)
//   await servers.failOver(), servers.restartPrimary(), servers.restartStandby(), servers.cut()
import { Cluster, urlOf } from '../cluster.mjs';
import { eventually, sleep } from '../harness.mjs';

const patience = 60;

export class Servers {
    static async start(test) {
        const servers = new Servers();
        servers.primary = Cluster.loaded(test, 'first');
        servers.standby = servers.primary.makeStandby(test);
        servers.both = [servers.primary, servers.standby];
        await servers.join();
        return servers;
    }

    url(role) {
        return urlOf(this.both, 'read-write')(role);
    }

    readUrl(role) {
        return urlOf(this.both, 'prefer-standby')(role);
    }

    // From here on nothing is acknowledged that the standby has not.
    async join() {
        this.primary.set({ synchronous_standby_names: '*' });
        await this.standSideBySide();
    }

    standSideBySide() {
        return eventually('the standby is synchronous and has caught up', () => this.primary.sql(
            `select bool_and(sync_state = 'sync' and replay_lsn = pg_current_wal_lsn())
               from pg_stat_replication`) === 't', patience);
    }

    // The primary dies at once. What took its place copies itself to where it was.
    async failOver() {
        const dead = this.primary;
        dead.kill();
        await sleep(1000);
        this.standby.promote();
        [this.primary, this.standby] = [this.standby, dead];
        await sleep(500);
        this.standby.follow(this.primary);
        await this.join();
    }

    async restartPrimary() {
        this.primary.stop();
        await sleep(300);
        this.primary.start();
        await this.standSideBySide();
    }

    async restartStandby() {
        this.standby.stop();
        await sleep(300);
        this.standby.start();
        await this.standSideBySide();
    }

    // Every connection of the service, wherever it leads.
    async cut() {
        this.both.forEach((server) => server.sql(`select pg_terminate_backend(pid)
            from pg_stat_activity where usename = 'ets144_service'`));
        await this.standSideBySide();
    }

    connections() {
        return this.both.map((server) => Number(server.sql(`select count(*) from pg_stat_activity
            where usename = 'ets144_service'`))).reduce((all, some) => all + some);
    }
}
